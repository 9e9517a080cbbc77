import type { Topic } from '../topic.ts';

export const DESIGN: Topic = {
  matters: [
    {
      openings: [
        'Three drafts for the {stop} display, please be honest: https://design.nordhalt.example/f/{ticket}',
      ],
      exchanges: [
        ['B, because I can read it without glasses.', 'That’s the best feedback I’ve had all week.'],
        ['Who decides about the yellow?', 'The law, luckily. Dark text on it and everybody’s happy.'],
      ],
    },
    {
      openings: ['How do we show that a tram is [full|cancelled|early] without using red?'],
      exchanges: [
        ['What about people who are colour-blind?', 'Shape first, then words, colour only as a bonus.', '❤️'],
        ['Crossed out, with the word next to it.', 'Tested? … I’ll test it.'],
      ],
    },
    {
      openings: [
        'Tested with {people} passengers in {town} today. Nobody found the filter. Nobody. One person found the exit.',
      ],
      exchanges: [
        [
          'Did they see the message about {line}?',
          '{few} of {people} did. All of them after we read it aloud.',
        ],
        [
          'Where did they look for it?',
          'At the top. Everybody looks at the top.',
          'Then it goes to the top.',
        ],
      ],
    },
    {
      openings: ['Can the line number be on the left? {someone} tripped over it twice in the test.'],
      exchanges: [
        [
          'Engineering asks: how long may a stop name be?',
          'Longest we have is 47 letters, in {town}. Plan for 60, cut in the middle, never at the end.',
        ],
        ['Left in Hebrew as well?', 'No, right there. Start of the line, then.'],
      ],
    },
    {
      openings: [
        'Contrast of the yellow on white is 1.{few}. It has to be 4.5. I know it’s the customer’s yellow.',
      ],
      exchanges: [
        ['Who decides about the yellow?', 'The law, luckily. Dark text on it and everybody’s happy.'],
      ],
    },
    {
      openings: ['I’d like to remove the carousel. Speak now.'],
      exchanges: [
        ['Could the animation be slower?', 'Could there be no animation?', 'There could.'],
        ['It has {count} clicks a month.', '{percent} % of them on “next”, to get past it.'],
        [
          'The customer asked for it, didn’t they?',
          'They asked for three messages. One after another in a list does it.',
        ],
      ],
    },
    {
      openings: [
        'Right-to-left pass on {product} is done, {people} things were mirrored that should not be. Clocks, mostly.',
      ],
      exchanges: [
        ['Why is the minus sign so short?', 'It’s a hyphen. I’ll cry later.'],
        ['And the arrows?', 'Arrows turn, clocks don’t. Media players are a religion.'],
      ],
    },
  ],
  endings: [
    'B it is. Final files on {day}.',
    'Thanks, will redo it without the carousel.',
    'Let’s test again with {people} others.',
    'Writing it into the guide: https://design.nordhalt.example/guide/{ticket}',
  ],
  asides: [
    'so much better than before',
    'the second one breathes',
    'my eyes thank you',
    'A, but I seem to be alone',
    'bigger.',
    'can we have it in dark',
    'tabular figures!',
  ],
};
