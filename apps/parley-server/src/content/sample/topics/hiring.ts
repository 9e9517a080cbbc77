import type { Topic } from '../topic.ts';

export const HIRING: Topic = {
  matters: [
    {
      openings: ['Interview for {team} on {day} at {time}. Who joins me?'],
      exchanges: [
        ['I can. Code or design part?', 'Code please, {someone} does the rest.'],
        ['Did they ask questions?', 'The best one so far: “What happens when you are wrong?”'],
      ],
    },
    {
      openings: ['The task we send to candidates takes longer than we say. I tried: {few} hours, not two.'],
      exchanges: [
        ['Let’s cut the second half, nobody ever looks at it.', 'I look at it. … All right, cut it.'],
      ],
    },
    {
      openings: ['{count} applications for one place in {team}. I’ve read {people} and need tea.'],
      exchanges: [
        ['Have they heard back?', 'All of them, by hand, within the week. That’s a promise we make.'],
      ],
    },
    {
      openings: ['Offer accepted!! Starts in {month}. {emoji}'],
      exchanges: [
        ['The one with the timetable on his arm?', 'That one. It’s the old Line 4.'],
        ['Which team?', '{team}, from the {few}th.'],
      ],
    },
    {
      openings: ['Could we write the advert without “passionate”?'],
      exchanges: [['What shall we write instead?', '“You like it when things arrive on time.”', 'Hired.']],
    },
  ],
  endings: [
    'Notes are in the folder, please read before you talk to each other.',
    'Both said yes. {emoji}',
    'We’ll call on {day}.',
    'Thanks for stepping in, {someone}.',
  ],
  asides: [
    'good luck!',
    'I liked her a lot',
    'strong yes',
    'details not in this channel please',
    'can help on {day}',
  ],
};
