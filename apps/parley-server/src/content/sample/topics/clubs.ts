import type { Topic } from '../topic.ts';

export const CLUBS: Topic = {
  words: {
    meeting: [
      'tonight',
      'on Saturday',
      'after work',
      'on Sunday morning',
      'in the big kitchen',
      'at the old harbour',
    ],
  },
  matters: [
    {
      openings: ['Who’s in {meeting}? [I bring snacks.|Beginners welcome.|Weather should hold.]'],
      exchanges: [
        ['Me, if I get away in time.', 'We wait until quarter past.'],
        ['Can I bring a friend?', 'Bring two.'],
        ['What do I need?', 'Nothing but shoes you don’t love.'],
        ['I’ll skip, my knee is complaining.', 'Get well! Come and watch, there’s tea.'],
      ],
    },
    {
      openings: ['Last time was great, {people} of us! Photos: https://photos.example.net/{ticket}'],
      exchanges: [
        ['The third one! Frame it.', 'Only if you’re not in it.'],
        ['I’ll skip, my knee is complaining.', 'Get well! Come and watch, there’s tea.'],
      ],
    },
    {
      openings: ['I have one place left in the car, leaving from {stop} at {time}.'],
      exchanges: [
        ['Me, if I get away in time.', 'We wait until quarter past.'],
        ['Me please, I’ll bring coffee.', 'Seat’s yours.'],
      ],
    },
    {
      openings: ['Next one on {day}, as {someone} is away the week after. Objections?'],
      exchanges: [
        ['Me, if I get away in time.', 'We wait until quarter past.'],
        ['Can I bring a friend?', 'Bring two.'],
        ['Same place as always?', 'Same place, other door. The first one squeaks.'],
      ],
    },
    {
      openings: ['Found a good spot near {stop}: quiet, dry, and {line} goes there.'],
      exchanges: [
        ['Can I bring a friend?', 'Bring two.'],
        ['What do I need?', 'Nothing but shoes you don’t love.'],
        ['Is it dry after rain?', 'We’ll know on {day}.'],
      ],
    },
    {
      openings: ['Does anyone lend me the equipment? Mine is [broken|at my mother’s|a disgrace].'],
      exchanges: [
        ['You can have mine, size M.', 'M for marvellous. Thanks!'],
        ['There’s a set in the cellar.', 'Next to the model trains, found it.'],
      ],
    },
  ],
  endings: [
    'See you there!',
    '{people} people, good.',
    'Cancelled, it’s pouring. Next week.',
    'That was fun. My arms disagree.',
  ],
  asides: ['🙋', 'in', 'out this time', 'maybe', 'looking forward to it', 'bringing cake'],
};
