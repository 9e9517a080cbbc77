import type { Topic } from '../topic.ts';

export const DIRECT: Topic = {
  matters: [
    {
      openings: ['Hi {someone}, [do you have a minute?|got a second?|quick question]'],
      exchanges: [
        [
          'Sure, what’s up?',
          'It’s about {part} in {service}. I get a different result each time.',
          'Do you pass the date?',
          '… no. OK. Never mind {grin}',
        ],
        ['How are you, apart from all this?', 'Tired, but fine. You?', 'Same. Coffee later?', 'Yes please.'],
      ],
    },
    {
      openings: ['Did you see the message about {line}? What do you think, honestly?'],
      exchanges: [['Honestly? I’d wait a week.', 'That’s what I hoped you’d say.']],
    },
    {
      openings: ['Thanks for earlier. I did not want to ask in front of everyone.'],
      exchanges: [
        ['Any time. It took me a year to understand it as well.', 'That helps more than you think.'],
        ['How are you, apart from all this?', 'Tired, but fine. You?', 'Same. Coffee later?', 'Yes please.'],
      ],
    },
    {
      openings: ['Are you at your desk? I’m in room {stop} and the door does not open from inside.'],
      exchanges: [['Ha, coming!', 'Bring a spoon. Don’t ask.']],
    },
    {
      openings: ['Could you look over this before I send it? https://docs.nordhalt.example/drafts/{ticket}'],
      exchanges: [
        ['Read it. Second paragraph is too polite, the rest is great.', 'Made it ruder, sent it. Thank you!'],
      ],
    },
    {
      openings: ['I’ll be away on {day}, can you keep an eye on {service}?'],
      exchanges: [
        ['Of course. Anything I should know?', 'If it restarts, let it. If it restarts twice, call {team}.'],
      ],
    },
    {
      openings: ['Congratulations on the talk! Really.'],
      exchanges: [
        ['Thank you! I was so nervous.', 'One could not see it at all.'],
        ['You’re kind. Was it too long?', 'Two slides. The ferry ones.'],
      ],
    },
    {
      openings: ['You left your [keys|scarf|good mood] here {grin}'],
      exchanges: [
        ['Oh! I’ll come by after four.', 'They’re on the shelf.'],
        ['How are you, apart from all this?', 'Tired, but fine. You?', 'Same. Coffee later?', 'Yes please.'],
      ],
    },
    {
      openings: ['Is {day} {time} still fine for you?'],
      exchanges: [['Can we make it {minutes} minutes later?', 'Yes, no problem.']],
    },
    {
      openings: ['I think I broke {town}. A little. Call me?'],
      exchanges: [['Calling.', 'Found it, don’t. A comma.']],
    },
  ],
  endings: ['👍', 'Talk tomorrow.', 'Thank you, really.', 'OK!', 'Good night {grin}', 'will do'],
  asides: [
    'one sec',
    'still there?',
    'typing with one hand, the other has a sandwich',
    'ok',
    'yes',
    'ah',
    'back',
  ],
};
