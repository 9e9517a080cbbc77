import type { Topic } from '../topic.ts';

export const RANDOM_TALK: Topic = {
  words: {
    thing: [
      'a bus with a beard painted on',
      'a heron on the tracks',
      'my old maths teacher driving the N3',
      'a wedding party in the last tram',
      'a dog that gets off at its stop alone',
      'a conductor singing the stops',
    ],
    hobby: [
      'knitting',
      'a marathon',
      'growing tomatoes',
      'the accordion',
      'bird watching',
      'restoring a radio',
      'bouldering',
      'chess by mail',
    ],
    film: [
      'that film with the submarine',
      'the series about the lighthouse',
      'the documentary on escalators',
      'the one where nothing happens, beautifully',
    ],
  },
  matters: [
    {
      openings: [
        'Saw {thing} this morning. [No photo, sorry.|I have witnesses.|How is your day?]',
        'It’s snowing! ❄️ Delay predictor has noticed before I did.',
      ],
      exchanges: [
        ['Pics or it didn’t happen.', 'https://photos.example.net/{ticket} (yes, blurred, I was laughing)'],
        ['You can’t just say that at nine in the morning.', 'I can and I did.'],
        ['{author} wins the internet today.', 'What do I get?', 'A transfer ticket.'],
      ],
    },
    {
      openings: ['Unpopular opinion: {line} is better [standing|in winter|without music|at night].'],
      exchanges: [
        ['You can’t just say that at nine in the morning.', 'I can and I did.'],
        ['Delete this.', 'I will die on this platform.'],
        ['Standing, yes. But not at {stop}.', 'Nobody stands well at {stop}.'],
      ],
    },
    {
      openings: ['Does anyone here know something about {hobby}? I have started and I have questions.'],
      exchanges: [
        ['How long have you been doing it?', 'Since {month}. I’m terrible, it’s wonderful.'],
        [
          'I’ve done it for years. Ask.',
          'Why does everything hurt?',
          'That’s normal. It goes away in a decade.',
        ],
        ['My aunt is good at it, shall I connect you?', 'Yes please, I’m serious.'],
      ],
    },
    {
      openings: ['Finally watched {film}. {someone}, you were right.'],
      exchanges: [
        ['No spoilers please, I’m at episode {few}.', 'Then stop reading. Also, buy tissues.'],
        ['Told you. And the ending?', 'I’m still sitting in front of the black screen.'],
      ],
    },
    {
      openings: [
        'My kid asked why trams have no steering wheel, and now I have a {minutes}-minute answer and no audience.',
      ],
      exchanges: [
        ['I’m the audience. Go on.', 'So. Flanges.'],
        ['Mine asked whether trams sleep.', 'They do. In depots. In rows.'],
      ],
    },
    {
      openings: ['Poll: a display that says “0 min”. Is the tram here, or are you late?'],
      exchanges: [['0 min means run.', '0 min means it left.', 'This is why we have a design team.']],
    },
    {
      openings: [
        'What is a word in your language for waiting at a stop and seeing the bus leave? We need one.',
      ],
      exchanges: [
        ['In German: “Rücklichterkummer”.', 'Is that real?', 'It is now.'],
        ['In Polish we just sigh.', 'That’s a word everywhere.'],
        ['{author} wins the internet today.', 'What do I get?', 'A transfer ticket.'],
      ],
    },
    {
      openings: [
        'I have {few} boxes of [books|Lego|cables nobody dares to throw away] to give away. Desk near the window.',
      ],
      exchanges: [['I’d take one box, if you still have it.', 'It’s yours. No returns.']],
    },
    {
      openings: ['Today I learned: the first ticket machine in {town} gave change in stamps.'],
      exchanges: [
        ['{author} wins the internet today.', 'What do I get?', 'A transfer ticket.'],
        ['In stamps?!', 'And you could post them at the next stop. Perfect system.'],
      ],
    },
    {
      openings: ['Name for the office cat of the depot? So far: Semaphore, Buffer, Kurswagen.'],
      exchanges: [
        ['Buffer, because she stops everything.', 'Buffer it is, unless somebody objects.'],
        ['Does she have a badge?', 'With photo. Bad one, like all of ours.'],
      ],
    },
    {
      openings: ['[Friday|Monday] question: which stop of ours would you rename, and to what?'],
      exchanges: [
        ['{stop} should be called “Windy Corner”, ask anyone.', 'And the one after “Told You So”.'],
        ['Isn’t that where {someone} lives?', 'It is, and {someone} denies everything.'],
      ],
    },
  ],
  endings: [
    'Back to work {grin}',
    'I’m putting that on a mug.',
    'And that is how I missed my tram.',
    'Thread of the week.',
    'OK, this channel has earned its name.',
  ],
  asides: [
    '😂',
    'crying',
    'I can’t unsee it',
    'this is the content I signed up for',
    'source?',
    'my grandmother says hello',
    'wait until {someone} sees this',
    'no.',
    'yes!!',
    'adopt it',
    'we are not normal and it’s fine',
  ],
};
