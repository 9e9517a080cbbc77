import type { Topic } from '../topic.ts';

export const DATA: Topic = {
  matters: [
    {
      openings: ['Feed of {town} is {minutes} minutes old. [They know.|Do they know?|Writing to them.]'],
      exchanges: [
        ['Can we ask them for a changelog?', 'We can ask {grin}'],
        ['They know. Their provider moves house.', 'Today of all days.'],
      ],
    },
    {
      openings: [
        'Two stops named {stop}, {count} metres apart, one of them in a lake. Which one do we trust?',
      ],
      exchanges: [
        ['Trust the one that vehicles stop at.', 'Ha. Good rule. {count} door openings against zero.'],
      ],
    },
    {
      openings: [
        'Quality report for {month}: {percent} % of trips with live data, best so far. Worst line: {line}.',
      ],
      exchanges: [
        [
          'You count cancelled trips as on time.',
          'Oh. That explains the {percent} %.',
          'It’s how most cities do it, but not us.',
        ],
        ['Is that median or mean?', 'Median. One bus broke down for {count} minutes and would own the mean.'],
      ],
    },
    {
      openings: [
        'stop-matcher thinks {stop} and “{stop} (old)” are the same. The old one is a swimming pool now.',
      ],
      exchanges: [['How do you know it’s a swimming pool?', 'I swim there.']],
    },
    {
      openings: ['I need last {month}’s delays per line for a chart. Is this right?\n{sql}'],
      exchanges: [
        [
          'You count cancelled trips as on time.',
          'Oh. That explains the {percent} %.',
          'It’s how most cities do it, but not us.',
        ],
        ['Is that median or mean?', 'Median. One bus broke down for {count} minutes and would own the mean.'],
      ],
    },
    {
      openings: ['Someone in {town} changed all ids over night. All of them.'],
      exchanges: [
        [
          'Do we have a mapping from the old ids?',
          'By position and name I get {percent} %. The rest by hand, {few} hours, I’ll bring music.',
        ],
        ['Can we ask them for a changelog?', 'We can ask {grin}'],
      ],
    },
  ],
  endings: [
    'Matched by hand, done: #{pr}.',
    'Feed is fresh again.',
    'Chart: https://graphs.nordhalt.example/d/delays-{ticket}',
    'They fixed it on their side. I’m nearly disappointed.',
  ],
  asides: [
    'data is made of people',
    'coordinates swapped?',
    'classic',
    'null island strikes again 🏝️',
    'can I have that as CSV',
    'lovely chart',
  ],
};
