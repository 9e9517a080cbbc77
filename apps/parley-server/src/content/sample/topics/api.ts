import type { Topic } from '../topic.ts';

export const API: Topic = {
  matters: [
    {
      openings: ['Wayfarer v2: should `delay` be seconds or a duration text? I’d like to decide today.'],
      exchanges: [
        [
          'Seconds. Everything else gets parsed wrongly by someone.',
          'Even by us. Seconds then, and it’s in the name: `delaySeconds`.',
        ],
        [
          'Which header carries the version?',
          'None, it’s in the path. We’ve had that discussion and I lost.',
        ],
      ],
    },
    {
      openings: [
        'A partner in {town} asks {count} times a second for the departures of {stop}. Same answer each time. Rate limit, or call them?',
      ],
      exchanges: [
        [
          'Call them first. Perhaps it’s a loop.',
          'It was a loop. In a lift display. They’re embarrassed and sent cookies. Real ones.',
        ],
      ],
    },
    {
      openings: ['We return 200 with an empty list for an unknown stop. I think that’s a lie.'],
      exchanges: [
        [
          '404 breaks {people} clients, though.',
          'With a new version, then. Old one stays as it is until {month}.',
        ],
      ],
    },
    {
      openings: [
        'Docs for the fares endpoint are out: https://docs.nordhalt.example/api/fares. Tell me what’s unclear.',
      ],
      exchanges: [
        [
          'Which header carries the version?',
          'None, it’s in the path. We’ve had that discussion and I lost.',
        ],
        ['The example for zones uses a stop that doesn’t exist.', 'It did when I wrote it. Changing.'],
        ['Can we deprecate `/nearby`?', '{percent} % of the traffic. Not this year.'],
      ],
    },
    {
      openings: [
        'Proposal: cursors instead of page numbers. Departures move while you page, page two repeats half of page one.',
      ],
      exchanges: [
        [
          'What happens to a cursor when the timetable changes?',
          'It says “expired” and you start again. Better than silently wrong.',
        ],
      ],
    },
    {
      openings: [
        'Somebody sends us stop names in [capital letters|three encodings|Morse, nearly]. Example:\n{config}',
      ],
      exchanges: [
        [
          'Reject it, with a message that says which line.',
          'And until they fix it?',
          'We fix it silently and hate ourselves.',
        ],
        ['Who is it?', '{town}. They inherited it from a vendor who is gone.'],
      ],
    },
    {
      openings: ['{pastCode}\nIs it expected that this gives departures of the past?'],
      exchanges: [
        [
          'Yes: up to {few} minutes back, so that a late tram does not vanish while you look.',
          'Then it should say so in the docs.',
          'Fair. Writing it.',
        ],
      ],
    },
  ],
  endings: [
    'Decision written down: https://wiki.nordhalt.example/decisions/{ticket}',
    'Spec updated in #{pr}.',
    'Good, I’ll tell the partners.',
    'Parked until we have numbers.',
    'Shipped in {version}.',
  ],
  asides: [
    'names are hard',
    'whatever we do, no XML',
    '👍 for cursors',
    'I have a client for that, can test',
    'postel was wrong',
    'this is in the contract tests now',
  ],
};
