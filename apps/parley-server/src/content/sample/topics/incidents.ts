import type { Topic } from '../topic.ts';

export const INCIDENTS: Topic = {
  matters: [
    {
      openings: [
        '🔴 {service} is [down|not answering] in {town}. [Looking now.|I am on it, who can help?]',
        'Is anybody else seeing time-outs from {service}? p95 went from 90 ms to {ms} ms within [a minute|ten minutes].',
        'Pager just woke me up: {count} messages parked in {service}.\n{retryLog}',
      ],
      exchanges: [
        ['Since when?', 'First alert at {since}, but the graph starts to bend about {few} minutes earlier.'],
        [
          'Did we deploy anything?',
          '[Yes, {version} went out {minutes} minutes before.|No, the last deployment was on {day}.|Only a config change, by me. Rolling it back as we speak.]',
        ],
        [
          'Can you paste the log?',
          '{retryLog}',
          'That “retry” is the one we [raised|halved] last {month}, isn’t it?',
          'It is. So it hides the problem for exactly as long as it takes to get worse.',
        ],
        ['{author}, do you need {team} here?', 'Please. Whoever knows {service} best.', 'Calling {someone}.'],
        [
          'Is it only {town}, or everybody?',
          'Only {town} as far as I can see. The others are on the new cluster.',
        ],
        [
          'Should we put it on the status page?',
          'Yes: “Departures in {town} may be [delayed|incomplete]”. {someone}, can you?',
        ],
        [
          'Restarting one pod helped for a minute, then memory climbs again.',
          'Then it is not the feed. Something we keep. Taking a heap snapshot.',
        ],
        [
          'I see {count} open connections from {service}, normal is about forty.',
          'That’s it. {part} opens one per stop and never closes it.',
        ],
        [
          'Failing over to the second site?',
          'Not yet. If it is the data, it breaks there too, and then we have nothing left.',
          'Fair.',
        ],
        [
          'Rolled back to {version}. Graph is [falling|getting better].',
          'Confirmed, {stop} shows live times again.',
        ],
      ],
    },
    {
      openings: [
        'Heads-up: displays at {stop} show [yesterday’s departures|only dashes|the fallback timetable] since {since}.',
        '🔴 Incident opened: **{line} vanished from {product} in {town}**. Lead: me. Scribe: {someone}. Updates here [every 15 minutes|as they come].',
        'The {town} control room called: vehicles on {line} [jump back and forth on the map|stand still on the map although they run|appear twice].',
        'Tickets bought in {town} after {since} have the wrong zone. {people} passengers affected so far, {product} is selling correctly again.',
      ],
      exchanges: [
        ['Since when?', 'First alert at {since}, but the graph starts to bend about {few} minutes earlier.'],
        [
          'Did we deploy anything?',
          '[Yes, {version} went out {minutes} minutes before.|No, the last deployment was on {day}.|Only a config change, by me. Rolling it back as we speak.]',
        ],
        ['{author}, do you need {team} here?', 'Please. Whoever knows {service} best.', 'Calling {someone}.'],
        [
          'Is it only {town}, or everybody?',
          'Only {town} as far as I can see. The others are on the new cluster.',
        ],
        [
          'Should we put it on the status page?',
          'Yes: “Departures in {town} may be [delayed|incomplete]”. {someone}, can you?',
        ],
        ['Could it be the clock change?', 'In {month}? No. But I like how you think {grin}'],
        [
          'What do we tell the control room?',
          'That printed timetables are right, and that we call again in {minutes} minutes.',
        ],
        [
          'Rolled back to {version}. Graph is [falling|getting better].',
          'Confirmed, {stop} shows live times again.',
        ],
      ],
    },
    {
      openings: [
        'Error budget for {service} is at {percent} % and the month is not over. What are we doing about it?',
      ],
      exchanges: [
        ['Freeze features until it recovers?', 'For {service}, yes. Everything else goes on.'],
        ['Which part burnt most of it?', 'One bad night in {town}: {minutes} minutes, half of the budget.'],
        ['Who has time to look at it?', 'I have, from {day} on. With {someone}, if I may.'],
      ],
      endings: ['Decided: no new features in {service} until the {few}th.', 'On the agenda for {day}.'],
    },
    {
      openings: [
        'Write-up of last {day}’s outage in {town}:\n\nWhat happened: {service} restarted at {since} and came back with an empty cache. {count} displays asked at once, it fell over again, and so on for {minutes} minutes.\n\nWhy we did not notice: the alert looks at the average, and the average includes the night.\n\nWhat we change: warm the cache before taking traffic, alert on p95, and give the displays a random wait before they ask again.\n\nFull version: https://wiki.nordhalt.example/incidents/{ticket}. Comments welcome, blame is not.',
      ],
      exchanges: [
        [
          'The random wait is a great idea. How long?',
          'Between nothing and {minutes} seconds. Nobody at a stop will notice.',
        ],
        ['Would the alert on the average ever have fired?', 'At lunch, perhaps.'],
        ['Can we rehearse that once, on purpose?', 'On staging, {day}. Bring popcorn.'],
        ['Thank you for writing it so that one can read it.', 'Took me three evenings, so: thank you.'],
      ],
      endings: ['All comments are in, closing it tomorrow.', 'Thanks, I added that to the list of measures.'],
    },
  ],
  endings: [
    '✅ Resolved at {soon}. {line} is back, queue is empty. Write-up [tomorrow|on {day}], I owe you all [cake|coffee].',
    'All green for {minutes} minutes. Closing the incident. Thank you {someone} and {author}!',
    'Fixed with #{pr}. The real fix is bigger, ticket PAR-{ticket}.',
    'Downgrading to yellow: it works, but nobody knows why. I do not like that.',
    'Status page is green again. Please all drink some water.',
  ],
  asides: [
    'Joining.',
    '[Reading up|Catching up], one moment.',
    'Dashboard: https://graphs.nordhalt.example/d/{service}',
    'I can take the phone.',
    'Scribe here: [noted|got it], {soon}.',
    'Not again…',
    'My tram is late too, so at least we are consistent.',
    'Muting the alert for {minutes} minutes so we can think.',
  ],
};
