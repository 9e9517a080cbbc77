import type { Topic } from '../topic.ts';

export const GENERAL: Topic = {
  matters: [
    {
      openings: [
        'Good morning! [The coffee machine on the second floor is back.|Lift is out of order again, take the stairs and call it sport.|Fresh fruit in the kitchen.]',
        'Fire drill on {day}. You did not read this here.',
      ],
      exchanges: [
        ['May I bring my daughter on {day}?', 'Of course, the model railway needs an operator.'],
        ['Who do we thank?', '{someone}, and a screwdriver.'],
        ['Is it the loud one or the slow one?', 'The loud one. The slow one is art now.'],
      ],
    },
    {
      openings: [
        'Please welcome {someone}, who starts in {team} today! Ask about [trams|sourdough|sailing|their bicycle with three trailers].',
      ],
      exchanges: [
        [
          'Welcome {someone}! Which desk?',
          'Next to the plant that {asker} has not watered {grin}',
          'I water it every {day}. It is just ungrateful.',
        ],
        ['Hello {someone}! Lunch at noon, I’ll pick you up.', 'That’s the spirit.'],
        ['A fellow {team} person, welcome!', 'Be gentle with them.'],
      ],
    },
    {
      openings: [
        'All-hands on {day} at {time}. Topics so far: {town}, the office move, and why {line} is our most loved and most hated line. Add yours: https://board.nordhalt.example/all-hands',
        'Does anybody have a charger for [the old phones|a ThinkPad|an e-bike]? Asking for {someone}.',
      ],
      exchanges: [
        ['Can one join from home?', 'Sure, the link is in the invitation. We record it as well.'],
        [
          '{author}, where can I find the slides?',
          'https://files.example.com/slides/{ticket}, will stay there until {month}.',
        ],
        ['May I bring my daughter on {day}?', 'Of course, the model railway needs an operator.'],
      ],
    },
    {
      openings: [
        'We won {town}! {count} stops, {people} depots, two ferries. {team} and everybody who wrote the offer at night: thank you.',
      ],
      exchanges: [
        [
          'Congratulations!! When does it start?',
          'First line in {month}, the rest after the summer timetable.',
        ],
        ['How many ferries is that now?', 'Seven. We are practically a navy.'],
      ],
    },
    {
      openings: [
        'A few words about where we are.\n\nThe year began with a timetable change that kept half of us awake. Since then nobody had to work at night for it, and that is because of dull things: rehearsals, lists, and people who said “stop, I’m not sure”.\n\nWhat comes next: {product} for {town} in {month}, displays that work without a network, and a summer in which I would like everyone to take their holidays.\n\nQuestions are welcome here or at my desk, which is the one with the model tram.',
      ],
      exchanges: [
        ['Will there be an update on the move?', 'Yes, with the floor plan. Nobody loses their window.'],
        ['Thank you for saying the thing about holidays.', 'I mean it. I’ll be watching.'],
        ['Who’s the person who said “stop”?', '{someone}, twice.'],
      ],
    },
    {
      openings: ['Lost: one grey scarf, last seen in meeting room {stop}. Found: {people} umbrellas.'],
      exchanges: [
        ['Is that the scarf with the hole?', 'It is a scarf with character.'],
        ['Is one of them green with ducks?', 'Yes! Reception has it.'],
      ],
      endings: ['The rest goes to the charity shop on {day}.'],
    },
    {
      openings: ['Travel expenses for {month} are due on {day}. Yes, tram tickets count. Yes, also ours.'],
      exchanges: [
        ['Who do I ask about the visa letter?', '{someone} in the office, she does them every {day}.'],
        ['Including the one of {month}?', 'Including that one, if you still have the receipt.'],
        ['Do you need the originals?', 'Photos are fine.'],
      ],
    },
    {
      openings: [
        'Our talk about {service} was accepted at the conference in {town}! Who wants to hear a rehearsal on {day}?',
      ],
      exchanges: [
        ['Can one join from home?', 'Sure, the link is in the invitation. We record it as well.'],
        ['Me! What’s it about?', 'How we stopped being afraid of {day}s.'],
        [
          '{author}, where can I find the slides?',
          'https://files.example.com/slides/{ticket}, will stay there until {month}.',
        ],
      ],
    },
    {
      openings: [
        'The photo wall near reception has {people} new pictures of stops of ours. Guess the city, there is [chocolate|honour] to win.',
      ],
      exchanges: [['I have one, will bring it tomorrow.', 'You are a hero.']],
    },
    {
      openings: ['Reminder: the survey closes on {day}. {percent} % of us have answered, {team} leads.'],
      exchanges: [
        [
          'Is the office open between the holidays?',
          'Yes, but the heating is down to 18 °C. Bring a jumper.',
        ],
        ['The third one is Sankt Orell, by the depot.', 'Yes! Chocolate is with {someone}.'],
        ['Is the survey anonymous?', 'It is. Teams smaller than five are merged.'],
      ],
    },
  ],
  endings: [
    'See you all on {day}!',
    'Thank you {author} {emoji}',
    'That was quick, thanks everyone.',
    'Great, I’ll add it to the calendar.',
    'Found its owner. Happy end.',
  ],
  asides: [
    '👏👏👏',
    'Welcome!',
    'congrats to the whole team',
    'count me in',
    'I’ll be on the train then, will try to dial in',
    'Best news this week.',
    'is there cake',
    'what a year',
    '🎂',
    'Hello from {town} 👋',
  ],
};
