import type { Topic } from '../topic.ts';

export const LUNCH: Topic = {
  hours: { from: 9, to: 12 },
  words: {
    dish: [
      'ramen',
      'falafel',
      'lasagne',
      'pierogi',
      'dosa',
      'bibimbap',
      'fish and chips',
      'mezze',
      'soup',
      'currywurst',
      'feijoada',
      'spanakopita',
      'dumplings',
      'crêpes',
      'borscht',
    ],
    place2: ['the noodle bar', 'the canteen of the depot', 'Zur Weiche', 'Café Nord'],
    place: [
      'the blue door',
      'Mama Fufu',
      'the canteen',
      'Zum Prellbock',
      'the market hall',
      'Café Umsteig',
      'that place by the depot',
      'Onda',
      'the noodle bar',
      'the food truck at Mill Bridge',
    ],
    taste: [
      'too salty',
      'surprisingly good',
      'better than it looks',
      'worth the queue',
      'fine, if you are hungry',
      'the best in town',
      'not what the menu said',
    ],
  },
  matters: [
    {
      openings: ['{dish} at {place}? [12:15|Now-ish|Quarter to one] at the door.'],
      exchanges: [
        ['In! Wait for me, call until [12:20|half past].', 'We’ll walk slowly.'],
        ['Do they take cards?', 'Only cash and compliments.'],
        [
          'Is it spicy?',
          'There are peppers on the menu, one to four. I’d stop at two.',
          'So four it is.',
          'I have warned you in writing.',
        ],
        ['Can you bring me one?', '[Which?|Sure.|If you take my support shift {grin}]'],
        ['{author}, is this still on? It’s raining.', 'It’s {dish}. Rain is part of it.'],
        ['I’ll take the tram, who else?', 'Two stops! Walk with us.', 'I support our customers.'],
      ],
    },
    {
      openings: ['What’s in the canteen today?', 'Today’s menu: lentils, or lentils. {grin}'],
      exchanges: [
        ['Lentils.', 'And the other one?', 'Also lentils, but with hope.'],
        [
          'Is it spicy?',
          'There are peppers on the menu, one to four. I’d stop at two.',
          'So four it is.',
          'I have warned you in writing.',
        ],
        ['How was {place}?', '{taste}. And they remembered {someone}.'],
      ],
    },
    {
      openings: ['Whoever ate my {dish} from the fridge: it was from {day}. Last {day}. Be well.'],
      exchanges: [
        ['It was me. I thought it was mine from {day}.', 'Then mine is yours. Enjoy.'],
        ['There was a note on it!', 'The note said “please”. I took it as an invitation.'],
      ],
      endings: ['Case closed.', 'I’m writing my name on it in three scripts.'],
    },
    {
      openings: [
        'I’m making {dish} for {people} on {day}, in the big kitchen. Put your name here and say what you do not eat.',
      ],
      exchanges: [
        [
          'Is it spicy?',
          'There are peppers on the menu, one to four. I’d stop at two.',
          'So four it is.',
          'I have warned you in writing.',
        ],
        ['No nuts for me please, otherwise everything.', 'Noted, no nuts at all then.'],
        ['Recipe??', 'https://recipes.example.org/{dish}, but double the garlic.'],
      ],
    },
    {
      openings: ['Review: {dish} at {place}. {taste}. Queue: {minutes} minutes.'],
      exchanges: [
        [
          'Is it spicy?',
          'There are peppers on the menu, one to four. I’d stop at two.',
          'So four it is.',
          'I have warned you in writing.',
        ],
        ['Can you bring me one?', '[Which?|Sure.|If you take my support shift {grin}]'],
        ['Quieter or louder than last time?', 'Louder, but warmer.'],
      ],
    },
    {
      openings: ['{place} has closed. I am not okay.'],
      exchanges: [
        ['NO.', 'A bank moves in. A bank!'],
        ['Since when?', 'The paper on the door says {month}. We were just not paying attention.'],
        ['Where do we go now?', '{place2}. It’s not the same. Nothing is.'],
      ],
      endings: ['I’ll light a candle.', 'Meet at the door at noon, to remember.'],
    },
    {
      openings: [
        'Is there [something vegan|somewhere quiet|a place with a table for {people}] near the depot?',
      ],
      exchanges: [
        ['How was {place}?', '{taste}. And they remembered {someone}.'],
        ['Try {place2}, upstairs.', 'Upstairs! I never knew.'],
      ],
    },
    {
      openings: ['Coffee machine counter: {count} cups this week. {team}, we see you.'],
      exchanges: [
        ['Decaf included?', 'Decaf is not counted, it’s tolerated.'],
        ['Per head or in total?', 'In total. Per head would name names.'],
      ],
      endings: ['New filter on {day}.', 'Statistics will be continued.'],
    },
    {
      openings: ['New bakery at {stop}, they have those with poppy seeds 🥐'],
      exchanges: [
        ['I’ll take the tram, who else?', 'Two stops! Walk with us.', 'I support our customers.'],
        ['Can you bring me one?', '[Which?|Sure.|If you take my support shift {grin}]'],
        ['Since when is that a bakery?', 'Since this morning. I was their second guest.'],
      ],
    },
  ],
  endings: [
    'That was [great|too much|needed]. Need a nap now.',
    'Table is under “Nordhalt”, as always.',
    'Same again on {day}?',
    '{people} of us, so two tables.',
    'There’s some left in the kitchen, help yourselves.',
  ],
  asides: [
    'me!',
    '🍜',
    'I brought lunch, but I’ll come for the company',
    'jealous, in a call until two',
    'hungry now, thanks',
    'lentils again 🙃',
    'save me a seat',
    'in',
    'can’t today, tomorrow?',
  ],
};
