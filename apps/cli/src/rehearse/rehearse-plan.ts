import { createPostgresTarget } from '@crossfade/controller';
import type { BoundPlan } from '@crossfade/engine';
import { buildRehearsal } from './build-rehearsal.ts';
import type { Copy } from './copy-target.ts';
import { FullSize, readRowCounts, type TableSize } from './full-size.ts';
import { rehearsePasses } from './rehearse-passes.ts';
import type { Rehearsal } from './rehearsal-schema.ts';
import { rehearsedSteps } from './rehearsed-steps.ts';

export interface PlanRehearsal {
  readonly bound: BoundPlan;
  readonly sourceUrl: string;
  readonly copy: Copy;
  /** As it was asked for. */
  readonly sample: string | null;
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly begins: (pass: number, step: string) => void;
}

/** Carries the database work of a plan out on a copy, forward, back and forward again, and tells what was seen. */
export async function rehearsePlan(work: PlanRehearsal): Promise<Rehearsal> {
  const { bound, copy, sample, keep, signal, begins } = work;
  const { steps, notRehearsed } = rehearsedSteps(bound);
  // Now, since the plan may change how many rows there are.
  const fullSize = new FullSize(await sizesOf(work));
  let pass = 0;
  let last = '';
  const told = (direction: string, step: string): void => {
    if (direction !== last) [pass, last] = [pass + 1, direction];
    begins(pass, step);
  };
  const { url, superuserUrl } = copy;
  const passes = await rehearsePasses({ bound, steps, url, superuserUrl, signal, begins: told });
  const { database, way, sourceServer, server, sizeBytes, tookMs, emptyTables, port, passwordFile } = copy;
  return buildRehearsal({
    bound,
    copy: { database, way, sourceServer, server, sizeBytes, tookMs, sample, emptyTables: [...emptyTables] },
    passes,
    notRehearsed,
    fullSize,
    kept: keep ? { host: '127.0.0.1', port, user: 'postgres', database, passwordFile } : null,
  });
}

async function sizesOf({ sourceUrl, copy, sample, signal }: PlanRehearsal): Promise<readonly TableSize[]> {
  const inCopy = await readRowCounts(createPostgresTarget({ connectionString: copy.superuserUrl }), signal);
  const inAll =
    sample === null
      ? inCopy
      : await readRowCounts(createPostgresTarget({ connectionString: sourceUrl }), signal);
  return [...inCopy].map(([table, rows]) => ({ table, rows, fullRows: inAll.get(table) ?? rows }));
}
