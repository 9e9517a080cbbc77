import type { Topic } from '../topic.ts';

export const SUPPORT: Topic = {
  matters: [
    {
      openings: [
        'Ticket {ticket}: a passenger at {stop} says the app sold her a [child|day|night] ticket. [Screenshot attached to the ticket.|She is very nice about it.]',
      ],
      exchanges: [
        ['Which device?', 'Android, {version}, bought second hand. I asked for the log.'],
        ['Refund her please, I’ll find out why.', 'Done, and she sent a photo of the tram as a thank you 🚋'],
        [
          '{sql}',
          '{count} rows, so it’s not one person’s mistake.',
          'No. That’s a fare rule which expired at midnight.',
        ],
        [
          'Can you reproduce it?',
          'On the third try, when the network changes while the page is open.',
          'That’s enough for me, thanks. Taking it.',
        ],
      ],
    },
    {
      openings: [
        '{town} asks whether they can [export the delays of last {month}|hide a stop for a week|rename {stop}]. I would say yes, how?',
      ],
      exchanges: [
        [
          'Settings → Stops → “Not served”, with dates. It’s under the three dots.',
          'Found it. Perhaps it should not be under three dots.',
          'Perhaps nothing should be.',
        ],
        ['Who talks to {town}?', '{someone} has called them twice. They’d like something in writing.'],
        ['Rename, with the old name kept for search.', 'They will love that.'],
      ],
    },
    {
      openings: ['{people} calls this morning about {line}, all from {town}. Something going on?'],
      exchanges: [
        ['Who talks to {town}?', '{someone} has called them twice. They’d like something in writing.'],
        ['Roadworks at {stop} since this morning, not in our data.', 'Thanks, then I can tell them.'],
        ['Is it {percent} % of passengers or of trips?', 'Of trips. Sorry, I should have said.'],
      ],
    },
    {
      openings: [
        'What do I answer: “Your application says the tram comes in 3 minutes since a quarter of an hour.”',
      ],
      exchanges: [
        [
          'Tell them: the vehicle stopped sending its position, so the forecast stayed. We are sorry, and we’ll show “no live data” instead.',
          'When?',
          'With {version}, planned for {day}.',
        ],
        ['I never know what to say to those.', 'That we read every letter. It happens to be true.'],
      ],
    },
    {
      openings: [
        'Customer cannot log in to {product}, we can. They use [an old tablet|a proxy that rewrites everything|two accounts with one address].',
      ],
      exchanges: [
        ['Which device?', 'Android, {version}, bought second hand. I asked for the log.'],
        [
          'Can you reproduce it?',
          'On the third try, when the network changes while the page is open.',
          'That’s enough for me, thanks. Taking it.',
        ],
        ['Have they tried [the new browser|clearing the site data|a private window]?', 'Yes. Same.'],
      ],
    },
    {
      openings: [
        'Could someone from {team} look at ticket {ticket}? It is open for {few} days and I promised an answer by {day}.',
      ],
      exchanges: [
        ['Taking it now.', 'Bless you.'],
        ['Who talks to {town}?', '{someone} has called them twice. They’d like something in writing.'],
        ['What’s it about?', 'Delays of {line} which nobody had. With a spreadsheet, {count} rows.'],
        [
          '{sql}',
          '{count} rows, so it’s not one person’s mistake.',
          'No. That’s a fare rule which expired at midnight.',
        ],
      ],
    },
    {
      openings: [
        'A blind passenger wrote a long, kind mail about the announcements at {stop}: the line is spoken before the platform, he needs it the other way round. I think he is right.',
      ],
      exchanges: [
        [
          'He is right. It’s one line of code and it’s been wrong for years.',
          'Shall I tell him?',
          'Tell him {version}, and that we’re grateful.',
        ],
        ['I never know what to say to those.', 'That we read every letter. It happens to be true.'],
        ['Which display exactly?', 'Platform two, next to the lift.'],
      ],
    },
    {
      openings: [
        'Praise, for once! {town}: “The new display at {stop} is the first one my mother can read.” {emoji}',
      ],
      exchanges: [
        ['Print it and hang it next to the coffee machine.', 'Already there.'],
        ['Who did the type?', '{someone}, with a ruler, at the stop.'],
      ],
      endings: ['Forwarded to everyone who carried one of those.', 'That’s why we do it.'],
    },
    {
      openings: ['The on-call handbook says to restart {service} for this. Still true?'],
      exchanges: [
        [
          'Not since {version}. It recovers by itself within {few} minutes.',
          'Then I’ll change the handbook.',
        ],
        ['It is still true, sadly.', 'OK, restarting.'],
      ],
    },
    {
      openings: ['Is there a limit for stops in one export? {town} got {count} and then silence.'],
      exchanges: [
        [
          'The limit is 500 per page; the rest comes with `next`.',
          'They use a spreadsheet, {asker}.',
          'OK. Then I’ll add the button.',
        ],
      ],
    },
  ],
  endings: [
    'Answered and closed. [Nice people.|They were happy.|They will try it on {day}.]',
    'Thanks, I’ll tell {town}.',
    'Moved to {team} as PAR-{ticket}.',
    'Added to the handbook so the next one of us knows: https://docs.nordhalt.example/support/{ticket}',
    'They confirm it works {emoji}',
  ],
  asides: [
    'Had the same one from Port Alder last week.',
    'Poor woman.',
    'I can call them, I speak [French|Polish|Portuguese].',
    'please no passenger names in here',
    'That mail deserves a frame.',
    'The queue is down to {people}, by the way.',
    'who wrote that error message, it says “unexpected error, as expected”',
    'Third time this month.',
  ],
};
