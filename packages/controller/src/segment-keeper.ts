import {
  segmentsInUse,
  type BoundPlan,
  type Clock,
  type ControlStore,
  type JournalState,
  type SegmentLook,
  type Target,
} from '@crossfade/engine';
import { admitMembers } from '@crossfade/steps';
import { errorMessage } from './error-message.ts';
import { heed } from './heed.ts';
import { late, withinMs } from './within-ms.ts';

/** Looks now and then who has joined the segments that flags are open to. */
export interface SegmentKeeper {
  /** Begins the look that is due, if one is; one at a time, since all of them are the live database's work. */
  sync(journal: JournalState): void;
  /** The newest look at each segment. */
  looks(): readonly SegmentLook[];
  /** Ends the look that is under way. Returns whether it has let go within bounds. */
  stop(): Promise<boolean>;
}

interface SegmentKeeperOptions {
  readonly bound: BoundPlan;
  readonly token: number;
  readonly ports: {
    readonly store: ControlStore;
    readonly target: Target;
    readonly clock: Clock;
  };
  /** A look has ended, one way or the other. */
  readonly onEnd: () => void;
}

/** However fast plan time runs, a segment is not the database's main work. */
const shortestIntervalMs = 5_000;
/** Whoever takes over does not know when the last look was, nor whether clients were told of it. */
const firstLookMs = 60_000;
const stopLimitMs = 2_500;

export function createSegmentKeeper({ bound, token, ports, onEnd }: SegmentKeeperOptions): SegmentKeeper {
  const { store, target, clock } = ports;
  const dueAtMs = new Map<string, number>();
  const found = new Map<string, SegmentLook>();
  const stopping = new AbortController();
  let underWay: Promise<void> | undefined;

  function sync(journal: JournalState): void {
    if (underWay || stopping.signal.aborted) return;
    const nowMs = clock.elapsedMs();
    for (const id of segmentsInUse(bound, journal)) {
      const everyMs = intervalMs(id, journal);
      const dueMs = dueAtMs.get(id) ?? nowMs + Math.min(everyMs, firstLookMs);
      dueAtMs.set(id, dueMs);
      if (nowMs < dueMs) continue;
      dueAtMs.set(id, nowMs + everyMs);
      underWay = look(id, journal);
      return;
    }
  }

  function intervalMs(id: string, { run }: JournalState): number {
    const refreshMs = bound.plan.segments[id]?.refreshMs ?? 0;
    return Math.max(shortestIntervalMs, refreshMs / (run?.start.speed ?? 1));
  }

  async function look(id: string, journal: JournalState): Promise<void> {
    try {
      const size = await heed(stopping.signal, 'stopped', async () => await admit(id, journal));
      found.set(id, { segment: id, size });
    } catch (error) {
      // Whoever is in stays in, and nothing is taken back for it: it is told, and tried again next time.
      if (!stopping.signal.aborted) found.set(id, { segment: id, problem: errorMessage(error) });
    }
    underWay = undefined;
    onEnd();
  }

  async function admit(id: string, { run }: JournalState): Promise<number> {
    const segment = bound.plan.segments[id];
    if (!segment) throw new Error(`the plan has no segment ${id}`);
    const applicationName = `crossfade/${run?.runId ?? ''}/segments`.slice(0, 63);
    const options = { applicationName, signal: stopping.signal };
    const withConnection: Parameters<typeof admitMembers>[0]['withConnection'] = async (work) =>
      await target.withConnection(options, work);
    const { size } = await admitMembers({ id, segment, withConnection, store, token });
    return size;
  }

  return {
    sync,
    looks: () => [...found.values()],
    async stop() {
      stopping.abort();
      return (await withinMs(clock, stopLimitMs, underWay ?? Promise.resolve())) !== late;
    },
  };
}
