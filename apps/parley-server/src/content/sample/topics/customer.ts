import type { Topic } from '../topic.ts';

export const CUSTOMER: Topic = {
  matters: [
    {
      openings: [
        'Call with {town} moved to {day}, {time}. Agenda: {line}, invoices, the thing with the ferry.',
      ],
      exchanges: [
        ['Do we need {team} in that call?', 'For the first {minutes} minutes, then it’s only money.'],
        ['Who sends the offer?', 'I do, by {day}. Numbers are from {someone}.'],
      ],
    },
    {
      openings: ['They signed off the plan for {line}. With one condition: {stop} keeps its old name.'],
      exchanges: [
        ['Did they say anything about {line}?', 'That it’s late. But less late than before us.'],
        ['Which name did the city want?', '“{stop} (Central)”. There’s nothing central about it.'],
      ],
    },
    {
      openings: ['Minutes of today: they want the export weekly, the training in {month}, and less yellow.'],
      exchanges: [
        [
          'What about the training, on site?',
          'On site. They have a room with a view of the depot, I’ll go myself.',
        ],
        ['Who sends the offer?', 'I do, by {day}. Numbers are from {someone}.'],
        ['How much less yellow?', 'A lemon instead of a canary.'],
      ],
    },
    {
      openings: ['Their new head of operations started. Very friendly, very much in a hurry.'],
      exchanges: [
        ['Did they say anything about {line}?', 'That it’s late. But less late than before us.'],
        ['Shall we visit?', 'I’ve asked for {day}.'],
      ],
    },
    {
      openings: ['Access for their planners is set up, {people} accounts. First log-in within a minute.'],
      exchanges: [['Are the accounts personal?', 'Yes, no more “planner2”.', 'Finally.']],
    },
    {
      openings: ['Open points: {few}. Oldest one is from {month}: https://board.nordhalt.example/c/{ticket}'],
      exchanges: [
        ['Who sends the offer?', 'I do, by {day}. Numbers are from {someone}.'],
        ['What’s the oldest?', 'The clock in the export. One hour, twice a year.'],
      ],
    },
  ],
  endings: [
    'Sent.',
    'They are happy, I’m happy.',
    'Next call in two weeks.',
    'Filed under https://files.example.com/customers/{ticket}',
  ],
  asides: [
    'thanks for taking notes',
    'I can come along',
    'they pay on time, at least',
    'good news',
    'careful with the name, they mind',
  ],
};
