import type { Topic } from '../topic.ts';

export const CODE_REVIEW: Topic = {
  matters: [
    {
      openings: [
        'Small one, who has five minutes? #{pr}: [renames|splits|removes] {part} in {service}.',
        'Big one, sorry. #{pr} moves {service} to the new calendar type. Best read commit by commit.',
      ],
      exchanges: [
        [
          'Looking. First question: why not a plain function?',
          'Because it has to remember the last feed. I could pass it in, though.',
          'Please do, then the test needs no clock.',
        ],
        [
          'Line {minutes}: what happens when the stop has no platform?',
          'It throws, and the caller turns it into a 404. I’ll write a test that says so.',
        ],
        ['Approved, with two nitpicks you may ignore.', 'Took one, ignored one {grin}'],
        [
          'Could this be two requests?',
          'It was two requests. {someone} asked for one. I am a leaf in the wind.',
        ],
        [
          'I don’t understand the comment above {part}.',
          'Neither do I, and I wrote it. Deleting it and the code.',
        ],
        [
          'What does it do with two trips at the same second?',
          'Keeps the later one. Hm. Keeps *a* later one. Fixing.',
        ],
        [
          'The tests pass without your change as well.',
          '… you’re right. They never called it. Back in an hour.',
        ],
      ],
    },
    {
      openings: ['Second pair of eyes please, I do not trust myself here:\n{code}'],
      exchanges: [
        ['{code}', 'Oh, that’s so much shorter.', 'And it can’t be empty any more.'],
        [
          'Looking. First question: why not a plain function?',
          'Because it has to remember the last feed. I could pass it in, though.',
          'Please do, then the test needs no clock.',
        ],
        [
          'What does it do with two trips at the same second?',
          'Keeps the later one. Hm. Keeps *a* later one. Fixing.',
        ],
        [
          'Line {minutes}: what happens when the stop has no platform?',
          'It throws, and the caller turns it into a 404. I’ll write a test that says so.',
        ],
      ],
    },
    {
      openings: [
        'Is it only me, or does {service} have three ways to say “no departure”? null, empty list, and a departure in 1970.',
        'I’d like us to stop writing `data` and `info` as names. There, I said it.',
      ],
      exchanges: [
        ['Four. There’s also −1.', 'I’m going for a walk.'],
        ['Let’s pick one and write it down.', 'Empty list, then. I’ll do {service} first.'],
        ['I have used `info` {count} times, sorry.', 'We all have. It ends today.'],
      ],
    },
    {
      openings: ['Reviews waiting for more than {few} days: {people}. Oldest is #{pr}, by {someone}.'],
      exchanges: [
        ['Mine can be closed, it’s from another age.', 'Thanks, one less.'],
        ['Approved, with two nitpicks you may ignore.', 'Took one, ignored one {grin}'],
        ['I take two after lunch.', 'You’re kind.'],
      ],
    },
    {
      openings: ['Do we have a rule for logging positions of vehicles? #{pr} writes them at debug.'],
      exchanges: [
        [
          'Positions together with a time are personal data as soon as there is one passenger. Not in logs.',
          'Right, removed. Thanks for being strict.',
        ],
      ],
    },
    {
      openings: ['This query took {ms} ms in {town}, and one millisecond everywhere else.\n{sql}'],
      exchanges: [
        [
          'There’s no index for that order, so it sorts all {count} thousand rows.',
          'Would `(stop_id, departure)` do?',
          'Yes, and drop the old one, nothing else uses it.',
        ],
      ],
    },
  ],
  endings: [
    'Merged, thanks {someone} for the patient review.',
    'Closing in favour of #{pr}, which is half as long.',
    'Squashed and merged {emoji}',
    'Let’s talk, it’s quicker. Room {stop} in ten?',
    'OK, you’ve convinced me.',
  ],
  asides: [
    'LGTM',
    'nit: typo in the third file',
    'I’d have done the same',
    'please split',
    'less code, more trams',
    'can I take this as a first task?',
    '🔍',
    'I learned something, thanks',
  ],
};
