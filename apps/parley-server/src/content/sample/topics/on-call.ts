import type { Topic } from '../topic.ts';

export const ON_CALL: Topic = {
  matters: [
    {
      openings: [
        'Taking over on-call from {someone}. Anything I should know?',
        'Hand-over, week of the {few}th: {people} pages, {few} of them real. Loudest: {service}, because of {part}. Quietest: everything we rewrote.',
      ],
      exchanges: [
        [
          '{service} restarts itself about once a night, ignore the first one.',
          'And the second?',
          'The second one is yours.',
        ],
        ['How many of those woke you up?', 'Two. One was me, testing.'],
        [
          'Did you get the page as well?',
          'Yes, {few} minutes late. Checking the provider.',
          'Mine came twice, so on average it’s right.',
        ],
        [
          'What’s the escalation for the ferry?',
          '{someone}, then the harbour master. He’s nice, but only before ten.',
        ],
        ['Is the phone charged?', 'It is now.'],
      ],
    },
    {
      openings: ['Swap? I have the week in {month} with the timetable change and a wedding. Not my own.'],
      exchanges: [
        ['I can take it, if you take my {day}s in {month}.', 'Deal!'],
        ['Whose wedding?', 'Two people from {team}, but that’s secret until {day}.'],
      ],
    },
    {
      openings: [
        'Paged at {since} for a disk at 80 %. It has been at 80 % since {month}. Raising it to 90.',
        'Runbook for {service} is wrong in step {few}: the pod is called differently now. Fixed it, please have a look: https://wiki.nordhalt.example/runbooks/{service}',
      ],
      exchanges: [
        ['Should we delete that alert?', 'Not delete, tie it to the calendar. PAR-{ticket}.'],
        ['Thanks for fixing it and not only noticing it.', 'It was three in the morning, I was angry.'],
      ],
    },
    {
      openings: [
        'Alert “no vehicles in {town}” fired. It’s {since}. There *are* no vehicles in {town} at that time.',
      ],
      exchanges: [
        ['Should we delete that alert?', 'Not delete, tie it to the calendar. PAR-{ticket}.'],
        ['How many of those woke you up?', 'Two. One was me, testing.'],
      ],
    },
  ],
  endings: [
    'Quiet night. {emoji}',
    'Thanks, noted in the hand-over.',
    'All yours, {someone}. Good luck!',
    'Back to sleep.',
    'Alert tamed.',
  ],
  asides: [
    '🫡',
    'may your pager be silent',
    'brave',
    'I have the second shift',
    'sleep in, we’ve got this',
    'coffee is on the platform team today',
  ],
};
