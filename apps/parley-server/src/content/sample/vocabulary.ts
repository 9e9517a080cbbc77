import type { Random } from './random.ts';
import { SNIPPETS } from './snippets.ts';

/** Words of the trade that any topic may use as slots. The company, its products and its customers are made up. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  line: [
    'Line 4',
    'Line 12',
    'tram 9',
    'tram 3',
    'bus 52',
    'bus 118',
    'the N3',
    'the X7',
    'Line 31',
    'ferry F2',
    'bus 207',
    'the airport express',
  ],
  stop: [
    'Harbour Gate',
    'Mill Bridge',
    'Orchard Row',
    'St Anselm',
    'Tannery Square',
    'Observatory',
    'Old Customs House',
    'Lindenhof',
    'Rope Walk',
    'Quarry Lane',
    'University North',
    'Saltmarsh',
    'Fishmarket',
    'Kiln Street',
  ],
  town: [
    'Brackwater',
    'Port Alder',
    'Sankt Orell',
    'Velmora',
    'Castelnovo',
    'Hjortvik',
    'Querenburg',
    'Maribel',
    'Ostrava Nova',
    'Lower Tamsin',
    'Kestrelby',
    'Fjellheim',
  ],
  product: ['Takt', 'Perron', 'Wayfarer', 'Kontrolle', 'Roster'],
  service: [
    'feed-merger',
    'stop-matcher',
    'trip-builder',
    'delay-predictor',
    'ticket-vault',
    'display-gateway',
    'fare-rules',
    'calendar-api',
    'vehicle-locator',
    'alert-fanout',
  ],
  team: ['Feeds', 'Planner', 'Displays', 'Ticketing', 'Platform', 'Support', 'Design', 'Data'],
  day: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'],
  part: [
    'the retry',
    'the cache key',
    'the time zone',
    'the index',
    'the lock',
    'the pagination',
    'the fallback',
    'the parser',
    'the migration',
    'the queue',
  ],
  month: ['January', 'March', 'April', 'June', 'September', 'October', 'December'],
  emoji: ['🚋', '🎉', '🙏', '👀', '😅', '🚀', '🫠', '☕', '✅', '🤞'],
  grin: ['🙂', '😄', '😂', '😬', '🙃', '😅'],
};

const NUMBERS: Readonly<Record<string, readonly [from: number, to: number]>> = {
  few: [2, 9],
  minutes: [3, 55],
  count: [14, 940],
  percent: [2, 97],
  ms: [35, 1900],
  pr: [1180, 4990],
  build: [7020, 19900],
  ticket: [310, 8800],
  unit: [2101, 2399],
  people: [3, 24],
};

/** A value for a slot of the general vocabulary; undefined when there is none of that name. */
export function word(name: string, random: Random): string | undefined {
  const words = WORDS[name];
  if (words !== undefined) return random.pick(words);
  const range = NUMBERS[name];
  if (range !== undefined) return String(random.between(...range));
  if (name === 'time') return clock(random.between(32, 70) * 15);
  if (name === 'night') return clock(random.between(60, 290));
  if (name === 'version') return `${random.between(2, 7)}.${random.between(0, 31)}.${random.between(0, 9)}`;
  return undefined;
}

/** Code, logs and queries, in their fences. They have slots of their own: `<<stop>>`, as braces belong to code. */
export function snippet(name: string, random: Random, slot: (name: string) => string): string | undefined {
  const snippets = SNIPPETS[name];
  if (snippets === undefined) return undefined;
  return random.pick(snippets).replaceAll(/<<([a-zA-Z]+)>>/g, (_whole, inner: string) => slot(inner));
}

/** The time of day so many minutes after midnight, also of another day. */
export function clock(minutes: number): string {
  const ofDay = ((Math.floor(minutes) % 1440) + 1440) % 1440;
  return `${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
