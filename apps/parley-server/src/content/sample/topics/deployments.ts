import type { Topic } from '../topic.ts';

export const DEPLOYMENTS: Topic = {
  matters: [
    {
      openings: [
        'Deploying {product} {version} to {town} [now|in ten minutes]. [Shout if you mind.|No migrations in it.|One small migration in it.]',
        '{service} {version} is on staging. Please click around, I want to ship [after lunch|before {day}].',
        'Canary for {service} {version}: 5 % for an hour, then everybody.\n{table}',
      ],
      exchanges: [
        ['What’s in it?', '#{pr} and the fix for {stop}. Nothing that touches {part}.'],
        [
          'Is it behind a flag?',
          '[Yes, off everywhere but {town}.|No, it only changes what we log.|Half of it. I know, I know.]',
        ],
        [
          'How long does the migration take?',
          'On the copy of {town}: {few} minutes, no locks longer than {ms} ms.',
          'In batches?',
          'Of a thousand rows, it can stop and go on at any time.',
        ],
        [
          'Can we wait until {someone} is back?',
          'We can, but then we are in the peak. I’d rather go now and watch it.',
        ],
        [
          'Did the canary see enough traffic?',
          '{count} requests, error rate equal. It’s the p99 I want to see for another hour.',
        ],
        ['Roll-back plan?', 'Flag off, then the previous image. The table stays, the old code ignores it.'],
        ['Can I get #{pr} in as well?', 'If it’s green in {minutes} minutes, yes. Otherwise next train 🚆'],
        [
          'The health check says starting for {minutes} minutes now.',
          'It warms the cache first, normal after a schema change.',
        ],
        [
          'Why do we deploy on a {day}?',
          'Because {town} has its timetable meeting the day after and wants to see it.',
        ],
      ],
    },
    {
      openings: [
        'Build {build} is red: https://ci.nordhalt.example/builds/{build}. [Mine, fixing.|Whose is it?|Flaky or real?]',
      ],
      exchanges: [
        [
          'Build {build} passes here. Flaky test?',
          'It fails when the agent is in another time zone. Look at the dates it builds.',
          'Ah. Quarantined it and opened PAR-{ticket}.',
        ],
        ['Mine. Forgot a file.', 'Happens to the best, and to me weekly.'],
        ['Real, I’m afraid. {part}.', 'Reverting then, we look at it calmly.'],
      ],
      endings: ['Green again: https://ci.nordhalt.example/builds/{build}', 'Fixed in #{pr}.'],
    },
    {
      openings: [
        'Merge freeze for {town} starts {day} at {time}, because of the timetable change. Hotfixes still go, talk to {someone}.',
      ],
      exchanges: [
        ['Can I get #{pr} in as well?', 'If it’s green in {minutes} minutes, yes. Otherwise next train 🚆'],
        ['Does that include configuration?', 'Everything that can stop a tram.'],
        ['And documentation?', 'Write as much as you like {grin}'],
        [
          'Why do we deploy on a {day}?',
          'Because {town} has its timetable meeting the day after and wants to see it.',
        ],
      ],
      endings: ['It’s in the calendar of {team} as well.', 'Clear, thanks.', 'Freeze is on. Breathe.'],
    },
    {
      openings: [
        'I would like to drop the column `legacy_zone`. Last read was {count} days ago according to the logs. Objections?',
      ],
      exchanges: [
        [
          'How long does the migration take?',
          'On the copy of {town}: {few} minutes, no locks longer than {ms} ms.',
          'In batches?',
          'Of a thousand rows, it can stop and go on at any time.',
        ],
        ['Is the report for {town} still using it?', 'It was. Moved it last {month}, so no.'],
        ['Keep it for one more release?', 'We’ve kept it for nine “one more releases”.', 'Drop it.'],
      ],
      endings: ['Dropped. {count} MB lighter.', 'Then it goes on {day}.', 'OK, one more release. Last one.'],
    },
    {
      openings: [
        'Release notes for {product} {version}:\n• {line} can be planned across midnight\n• search is about {percent} % faster\n• displays keep the last known times for {minutes} minutes when the network is gone\n• fixed: the filter forgot its stop after going back\n\nThanks to everyone in {team}, and to {someone} for testing on a real platform in the rain.',
      ],
      exchanges: [
        ['{line} across midnight! My grandchildren will sing of this.', 'They’ll ask why it took so long.'],
        ['Which search, stops or journeys?', 'Stops. Journeys come next.'],
        ['Can I share this with {town}?', 'Please, but without the last point.'],
      ],
      endings: [
        'Sent to all customers.',
        'Also on https://docs.nordhalt.example/releases/{ticket}',
        'Enjoy {emoji}',
      ],
    },
    {
      openings: [
        'New base image for everything in Node. Changes to your service: rebuild, that’s all. {count} MB smaller.',
      ],
      exchanges: [
        ['Does the image have curl?', 'No, and that’s on purpose.'],
        ['Rebuilt {service}, starts {few} seconds faster.', 'Did not expect that. Taking the credit anyway.'],
      ],
      endings: ['All services are on it now.', 'Last one: {service}, on {day}.'],
    },
    {
      openings: [
        'Who holds the deploy lock? It says {someone} since {since}.',
        'The deploy lock is taken since {since} and nobody deploys. {someone}?',
      ],
      exchanges: [
        ['Oh, that’s a leftover. Released.', 'Thanks!'],
        ['The lock stays when the agent dies. PAR-{ticket}.', 'Breaking it, then. Cover your ears.'],
      ],
      endings: ['Lock is free.', 'Mine now, ten minutes.'],
    },
    {
      openings: [
        '{service} does not see its new time-out on staging. I have been staring at it since {since}.',
      ],
      exchanges: [
        [
          'Can you show the file?',
          '{timeoutConfig}',
          'Further down there is a second `timeout`, that one wins.',
          'Two hours of my life. Thank you.',
        ],
        ['Restarted, or only reloaded?', 'Restarted. Twice. With feeling.'],
      ],
      endings: ['It sees it now. So do I.', 'Added a check that refuses double keys: #{pr}'],
    },
    {
      openings: [
        'Rolled {service} back to {version}. Sorry for the noise, will retry with {part} switched off.',
      ],
      exchanges: [
        ['What went wrong?', 'Memory grew by {percent} MB a minute.\n{log}'],
        ['Anything lost?', 'No, the queue waited. All {count} messages went through afterwards.'],
        ['Roll-back plan?', 'Flag off, then the previous image. The table stays, the old code ignores it.'],
      ],
    },
  ],
  endings: [
    '{version} is everywhere. [Quiet so far.|Graphs look boring, as they should.|{emoji}]',
    'Done. Lock released, next please.',
    'Stopped at 25 %, errors above the line. Back on the old one, nobody noticed but us.',
    'Out, tagged, announced. I am getting {emoji}.',
    'Green: https://ci.nordhalt.example/builds/{build}',
  ],
  asides: [
    '🚀',
    'watching the graphs',
    'Ship it.',
    '[LGTM|Looks good] from {team}',
    'holding my merges until you’re through',
    'Staging looks fine to me, tried {stop} and {line}.',
    'Remember the certificate in {town} runs out next {month}.',
    'deploy bingo: full card {grin}',
  ],
};
