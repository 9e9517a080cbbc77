/** Parts that messages are put together from. `{what}`, `{where}`, `{when}` and `{who}` are filled in. */
export const SHORT = [
  'Ok',
  'Thanks!',
  'On it',
  'Done 🎉',
  '👍',
  'Looks good to me',
  'Give me five minutes',
  'Same here',
  'Not sure, let me check',
  'Merged',
  'Can you have a look, {who}?',
  'Lunch?',
  'brb',
  'Good morning ☀️',
  'Nice one, {who} 👏',
  'I see it too',
  '+1',
  'Where was that again?',
  '🚋💨',
  'Back',
];

export const SENTENCES = [
  'The {what} at {where} is wrong again since {when}.',
  'I have looked into the {what}: it goes back to {when}.',
  '{who}, do you know who owns the {what}?',
  'We could move the {what} to {when}, then {where} gets the new timetable in time.',
  'Has anybody else seen the {what} disappear for {where}?',
  'The riders at {where} noticed the {what} before we did.',
  'I would rather not change the {what} on a Friday.',
  'After {when} the {what} needs half as long as before.',
  'Please review the {what} when you have a moment, {who}.',
  'Deployed the {what}; {where} has it first, the others follow {when}.',
  'It is not the {what}, it is the clock of the display at {where}.',
  'Let us talk about the {what} {when}, ten minutes are enough.',
  'The supplier says that the {what} will be repaired {when}.',
  'I wrote down how the {what} works: https://wiki.example.com/{slug}',
  'Numbers from {where}: 1 284 boardings, 3 late, none lost.',
  'If the {what} stops once more I am going by bike.',
];

export const WHAT = [
  'departure board',
  'fare table',
  'detour import',
  'platform change',
  'delay forecast',
  'ticket reader',
  'night line',
  'stop announcement',
  'map tile cache',
  'driver roster',
  'release candidate',
  'vehicle position feed',
];

export const WHERE = [
  'Harbour Square',
  'Linden Park',
  'the old depot',
  'North Station',
  'Mill Bridge',
  'line 7',
  'the ferry pier',
];

export const WHEN = [
  'this morning',
  'tomorrow',
  'on Tuesday',
  'last week',
  'after the stand-up',
  'tonight',
  'next month',
];

/** The same few thoughts as people write them in their own languages and scripts. */
export const OTHER_LANGUAGES = [
  'Der Fahrplan für Sonntag stimmt jetzt, grüße an alle Straßenbahnfans.',
  'Ça marche chez moi, même après la mise à jour d’hier soir.',
  '¿Alguien puede revisar la parada nueva? El señor de la línea 7 pregunta otra vez.',
  'Zażółć gęślą jaźń – test polskich znaków na tablicy odjazdów.',
  'Το δρομολόγιο της Κυριακής είναι έτοιμο, ευχαριστώ!',
  'Новое табло на вокзале работает, задержек нет.',
  'تم تحديث جدول المواعيد، شكرًا للجميع.',
  'לוח הזמנים החדש עלה לאוויר, תודה רבה!',
  'नई समय सारणी तैयार है, कृपया देख लें।',
  '新しい時刻表を公開しました。確認をお願いします。',
  '새 시간표가 올라왔어요. 확인 부탁드립니다!',
  '新的时刻表已经上线，请大家检查一下。',
  'ตารางเวลาใหม่พร้อมแล้ว ขอบคุณครับ',
  'Tàu điện số 7 chạy đúng giờ trở lại rồi nhé.',
];

export const EMOJI = ['🚋', '🚌', '⛴️', '🎉', '🐛', '🧑🏽‍💻', '👩‍🔧', '☕', '🌧️', '✅', '🏳️‍🌈', '🚦'];

export const CODE = [
  'select stop_id, count(*)\nfrom departures\nwhere delay_seconds > 120\ngroup by stop_id\norder by 2 desc\nlimit 10;',
  'for (const stop of route.stops) {\n  if (stop.closed) continue;\n  await announce(stop, `next: ${stop.name}`);\n}',
  'def minutes_late(planned, actual):\n    return max(0, (actual - planned).total_seconds() // 60)',
  '$ curl -s https://feed.example.com/positions.json | jq ".vehicles | length"\n214',
  'TypeError: cannot read "platform" of undefined\n    at Board.render (board.ts:88:17)\n    at Board.tick (board.ts:41:5)',
  '{ "line": 7, "direction": "Harbour Square", "departures": [{ "planned": "07:42", "expected": "07:45" }] }',
];
