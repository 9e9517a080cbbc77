import type { Topic } from '../topic.ts';

export const RELEASE: Topic = {
  matters: [
    {
      openings: ['Branch is cut. {people} issues left, {few} of them blockers.'],
      exchanges: [
        ['Which blockers?', '{part}, and the one at {stop}. First has a fix, second has a theory.'],
        ['Can we ship without it?', 'Yes, behind its flag. Nobody loses anything.'],
      ],
    },
    {
      openings: ['Go or no-go on {day} at {time}. [I’m at go.|I’m at no-go.|Undecided, depends on {part}.]'],
      exchanges: [
        ['Can we ship without it?', 'Yes, behind its flag. Nobody loses anything.'],
        ['Which blockers?', '{part}, and the one at {stop}. First has a fix, second has a theory.'],
      ],
    },
    {
      openings: ['Release candidate {few} is up. Please test what you know best, not what you wrote.'],
      exchanges: [
        [
          'Tested on the old tablet: fine. On the new one: slow.',
          'How slow?',
          '{ms} ms per tap. Used to be 100.',
        ],
      ],
    },
    {
      openings: ['Translations: Greek and Hebrew complete, Polish at {percent} %.'],
      exchanges: [['I can do Polish tonight.', 'You’re an angel, {asker}.']],
    },
    {
      openings: ['Regression on {line}: stop list scrolls to the top after each update.'],
      exchanges: [
        [
          'Tested on the old tablet: fine. On the new one: slow.',
          'How slow?',
          '{ms} ms per tap. Used to be 100.',
        ],
        ['Can we ship without it?', 'Yes, behind its flag. Nobody loses anything.'],
      ],
    },
  ],
  endings: [
    'Go. {emoji}',
    'No-go, new date is {day}. Better late and right.',
    'Tagged {version}.',
    'Blockers: zero.',
  ],
  asides: [
    'testing now',
    'go from me',
    'no-go until the scroll thing is fixed',
    'release notes are done',
    '✅ displays',
    '✅ ticketing',
  ],
};
