import { appendOperatorCommand, type OperatorCommandOptions } from '@crossfade/controller';
import { createPostgresStore } from '@crossfade/store';
import { audiences, makePeople, segmentNames } from '../audience.ts';
import type { Flip } from './arrivals.ts';
import { monotonicMs } from './monotonic-ms.ts';

/** Switches flags as `crossfade flags disable` and `enable` do: the journal, the document and the notification commit at once. */
export interface FlagPublisher {
  readonly flags: number;
  /** Switches a flag off for everybody, and at the next call on again; another flag every time. */
  flip(): Promise<Flip>;
  close(): Promise<void>;
}

const keys = Array.from({ length: 50 }, (_, at) => `flag_${at}`);
const people = makePeople(2_000);
const plan: OperatorCommandOptions['plan'] = {
  name: 'bench',
  title: 'Flags to be switched',
  description: '',
  calendar: {
    weeks: 1,
    start: { kind: 'weekday', week: 1, weekday: 0, minuteOfDay: 0 },
    defaultMinuteOfDay: 540,
  },
  segments: {},
  groups: {},
  flags: Object.fromEntries(keys.map((key) => [key, { title: key, description: '' }])),
  parameters: {},
  gates: {},
  guardrails: [],
  success: [],
  phases: [],
};
const author = { runId: 'bench', actor: 'bench' } as const;

/** A run whose 50 flags are open to three segments and everybody, with a share each. */
export async function openFlagPublisher(connectionString: string): Promise<FlagPublisher> {
  const store = await createPostgresStore({ connectionString, applicationName: 'crossfade-bench' });
  const lease = await store.takeLease({ holder: 'bench', ttlMs: 60_000 });
  if (lease.status !== 'taken') throw new Error(`the lease of an empty database is held by ${lease.holder}`);
  for (const name of segmentNames) {
    const members = people.filter(({ segments }) => segments.includes(name)).map(({ id }) => id);
    await store.addSegmentMembers(name, members, lease.token);
  }
  await store.releaseLease(lease.token);
  await appendOperatorCommand({ store, plan }, () => [
    {
      ...author,
      event: {
        type: 'run.started',
        plan: plan.name,
        planDigest: 'bench',
        speed: 1,
        week1IsoDate: '2026-01-05',
        planStartOffsetMs: 0,
      },
    },
    ...keys.map((flag) => ({
      ...author,
      event: { type: 'exposure.changed' as const, flag, audiences, reason: 'bench' },
    })),
  ]);
  let flips = 0;
  return {
    flags: keys.length,
    async flip() {
      const flag = keys[Math.floor(flips / 2) % keys.length] ?? '';
      const type = flips % 2 === 0 ? 'flag.killed' : 'flag.enabled';
      flips += 1;
      const entries = await appendOperatorCommand({ store, plan }, () => [
        { ...author, event: { type, flag, reason: 'bench' } },
      ]);
      const committedMs = monotonicMs();
      const revision = entries.map(({ event }) => event).find((event) => event.type === 'flags.published');
      if (revision === undefined) throw new Error(`${type} of ${flag} has published nothing`);
      return { revision: revision.revision, committedMs };
    },
    close: async () => await store.close(),
  };
}
