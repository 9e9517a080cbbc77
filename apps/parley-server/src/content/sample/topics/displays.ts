import type { Topic } from '../topic.ts';

export const DISPLAYS: Topic = {
  matters: [
    {
      openings: [
        'Display {unit} at {stop} restarts [every night at {night}|whenever the sun shines on it|when the kiosk next to it makes waffles].',
      ],
      exchanges: [
        ['What does the log say?', '{log}'],
        [
          'Has anybody been there?',
          'I go past it with {line}, will look this evening.',
          'Thank you! Take a photo of the cable please.',
        ],
        [
          'Waffles?',
          'Waffle iron and display share a fuse. I’ve spoken to the kiosk. We have an agreement, and I have waffles.',
        ],
      ],
    },
    {
      openings: ['New firmware {version} on {people} test displays. Boot takes {few} seconds less.'],
      exchanges: [
        ['Can we roll back over the air?', 'Yes, {few} at a time, at night, when nobody needs them.'],
        ['Does it keep its settings?', 'On {few} of {people}. That’s not enough.'],
      ],
    },
    {
      openings: ['Vandalism at {stop}: glass broken, computer fine, still showing {line}. What a machine.'],
      exchanges: [
        [
          'Has anybody been there?',
          'I go past it with {line}, will look this evening.',
          'Thank you! Take a photo of the cable please.',
        ],
        ['Can we keep the glass off? Kidding.', 'The poet in me agrees.'],
      ],
    },
    {
      openings: ['How do we say “replacement bus from the other side of the street” in {count} pixels?'],
      exchanges: [
        [
          '“Bus ↔ opposite”, with a picture?',
          'Tested, people look for the bus in the picture.',
          'Hm. Words then.',
        ],
      ],
    },
    {
      openings: [
        'Announcements at {stop} are read in the wrong language since {version}. Passengers find it charming.',
      ],
      exchanges: [
        ['Can we roll back over the air?', 'Yes, {few} at a time, at night, when nobody needs them.'],
        ['Which language?', 'Finnish, I believe. We have no Finnish customers.'],
      ],
    },
    {
      openings: ['Temperature inside display {unit}: {percent} °C. Is that in the data sheet?'],
      exchanges: [['Data sheet says up to 70.', 'Then the fan stays on the list for {day}.']],
    },
  ],
  endings: [
    'Back online.',
    'Technician goes there on {day}, PAR-{ticket}.',
    'Firmware goes to all {count} tomorrow.',
    'Cable. It’s always the cable.',
  ],
  asides: [
    'poor display',
    'hardware is hard, it says so in the name',
    '🧇',
    'rain?',
    'I miss flip-dots',
    'same model as in Velmora',
  ],
};
