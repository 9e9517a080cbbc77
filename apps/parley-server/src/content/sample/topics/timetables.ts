import type { Topic } from '../topic.ts';

export const TIMETABLES: Topic = {
  matters: [
    {
      openings: [
        'Takt moves {line} by a minute at {stop} each time I save. [Known?|Rounding?|I can reproduce it.]',
      ],
      exchanges: [
        ['Which version?', '{version}. In the one before it moved it only when I changed the vehicle.'],
        [
          'Seconds or minutes in the source file?',
          'Seconds, and {town} rounds half of them up, half down.',
          'Lovely.',
        ],
        [
          '{emptyCode}',
          'And with an empty list?',
          '…',
          'Right. Fix is in #{pr}, with the empty list as its first test.',
        ],
      ],
    },
    {
      openings: [
        'The winter timetable of {town} has arrived. {count} trips changed, {people} of them have [no calendar|two calendars|a calendar that ends before it begins].',
        'School holidays in {town} are shifted by a week this year. Who updates the calendar?',
      ],
      exchanges: [
        [
          '{author}, can you send me the file?',
          'https://files.example.com/{town}/winter-{ticket}.zip, sheet two is the important one.',
        ],
        [
          'Did you try two calendars with an exception?',
          'Tried. Export joins them again because the days do not overlap.',
          'Ah, then it’s {part}. I’ll look.',
        ],
        [
          'Seconds or minutes in the source file?',
          'Seconds, and {town} rounds half of them up, half down.',
          'Lovely.',
        ],
        ['Who imports it?', 'Me, tonight, when nobody plans.'],
      ],
    },
    {
      openings: [
        'Question: a trip that leaves {stop} at 23:58 and arrives at 00:07. Which day is it on for you?',
      ],
      exchanges: [
        [
          'On the day the trip starts, always. So 24:07, not 00:07.',
          'Our display does not know 24 o’clock.',
          'Then the display must learn it. GTFS has done it like that from the start.',
        ],
        ['The day it feels like.', 'We can’t compute feelings, {asker}.', 'Yet.'],
      ],
    },
    {
      openings: [
        'How do I plan a {line} that runs [only on market days|every {minutes} minutes but not between {time} and the next full hour|in a loop with two names for one stop]?',
        'Do we support a minimum change time per pair of lines? {town} wants {few} minutes from {line} to the ferry.',
      ],
      exchanges: [
        [
          'Did you try two calendars with an exception?',
          'Tried. Export joins them again because the days do not overlap.',
          'Ah, then it’s {part}. I’ll look.',
        ],
        [
          'How do the planners in {town} do it today?',
          'On paper, with a ruler and three colours. It’s beautiful, to be honest.',
        ],
        ['Is {minutes} minutes the headway or the layover?', 'Headway. Layover is {few}.'],
        [
          'What does the contract say about {line}?',
          '“At least {few} departures an hour in the peak.” It does not say evenly spread.',
        ],
      ],
    },
    {
      openings: [
        'I compared our plan with what really happened in {month}: {line} needs {few} more minutes between {stop} and the terminus, every single morning.\n{runtimes}',
        'Takt proposes to cut layovers on {line} to zero. Drivers’ council of {town} would like a word {grin}',
      ],
      exchanges: [
        ['Is {minutes} minutes the headway or the layover?', 'Headway. Layover is {few}.'],
        [
          'What does the contract say about {line}?',
          '“At least {few} departures an hour in the peak.” It does not say evenly spread.',
        ],
        [
          'Would the graph view show it?',
          'Yes: look at the train path between {stop} and Rope Walk, the lines cross where there is one track.',
          'Ouch. That is not a rendering bug then.',
        ],
        ['Did you leave out the days with snow?', 'Yes, and the marathon.'],
        ['What do the drivers say?', 'The same, with other words.'],
      ],
    },
    {
      openings: [
        'Bug of the week: at {stop} the last departure is followed by the first one of the same day, so the display counts down {count} minutes. Backwards.',
        'Daylight saving again: on the last Sunday of {month} the N3 runs twice at 02:30. Correct by the book, very wrong at the stop.',
      ],
      exchanges: [
        [
          '{emptyCode}',
          'And with an empty list?',
          '…',
          'Right. Fix is in #{pr}, with the empty list as its first test.',
        ],
        [
          'On the day the trip starts, always. So 24:07, not 00:07.',
          'Our display does not know 24 o’clock.',
          'Then the display must learn it. GTFS has done it like that from the start.',
        ],
        [
          'Can somebody explain “interlining” to me like I’m five?',
          'The bus changes its number, you stay seated.',
          'That’s it?',
          'That’s it. Everything else is invoices.',
        ],
        ['{author}, did that reach production?', 'For one night, in {town}. Somebody took a photo.'],
      ],
    },
  ],
  endings: [
    'Fixed for {line}: the edit keeps the seconds now, only the view rounds. #{pr}.',
    'Agreed: the planner decides, Takt only warns. I’ll write it down in the guide.',
    '{town} confirmed, new plan goes live on {day}.',
    'OK, so it’s the source data. I’ve written to them, kindly.',
    'Closing this, it is PAR-{ticket} under another name.',
  ],
  asides: [
    'I love this job.',
    'time is hard',
    'There is a page about that: https://wiki.nordhalt.example/takt/midnight',
    '{stop} is always special',
    'Same with {line} in Velmora.',
    'A minute is a minute, unless it is a timetable minute.',
    '[Adding|I’ve added] a test with that very trip.',
    'Careful, the ferry depends on the tide too.',
  ],
};
