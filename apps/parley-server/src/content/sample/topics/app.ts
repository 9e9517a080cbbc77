import type { Topic } from '../topic.ts';

export const APP: Topic = {
  matters: [
    {
      openings: ['Kontrolle {version} is in the store. Inspectors in {town} get it from {day}.'],
      exchanges: [
        ['Is the fix for tunnels in?', 'Yes, and the bigger buttons.'],
        ['Release notes in their language?', 'In all {few}.'],
      ],
    },
    {
      openings: ['Scanner needs {few} tries for crumpled paper tickets. Anybody with ideas?'],
      exchanges: [
        [
          'More light? Turn on the lamp after the second try.',
          'Tried, glare gets worse on the shiny ones.',
          'At an angle, then.',
        ],
      ],
    },
    {
      openings: [
        'Offline mode: what should happen when the list of blocked tickets is older than {people} hours?',
      ],
      exchanges: [
        [
          'Accept and check later, I’d say. Never punish people for our network.',
          'Agreed, and the inspectors think so too.',
        ],
      ],
    },
    {
      openings: ['Crash rate {version}: 0.{percent} %, mostly one phone, mostly in tunnels.\n{log}'],
      exchanges: [
        [
          'Does it crash with the camera open?',
          'Only then. We don’t close it when the phone locks.',
          'There it is. #{pr} in an hour.',
        ],
      ],
    },
    {
      openings: ['Inspectors ask for bigger buttons. “We have gloves, you have an office.” Fair point.'],
      exchanges: [['How big is bigger?', '{people} millimetres. I measured their gloves.']],
    },
    {
      openings: ['Battery: a shift is nine hours, {product} manages {few}. Profiling today.'],
      exchanges: [
        [
          'GPS every second is what eats it.',
          'Every thirty will do, we only need the stop. Down {percent} %.',
        ],
      ],
    },
  ],
  endings: [
    'Fixed in the next build, testers have it tonight.',
    'Rolled out to half of {town}, reviews are kind.',
    'Gloves: solved. {emoji}',
    'Let’s ride along with them on {day} and watch.',
  ],
  asides: [
    'respect for inspectors',
    'can reproduce on my old phone',
    'tunnels again',
    'I have gloves here',
    'ship it before winter',
  ],
};
