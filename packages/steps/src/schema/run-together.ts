import { inTransaction } from '../target/in-transaction.ts';
import { claimStep } from '../target/ledger.ts';
import { HoldLimit } from './hold-limit.ts';
import { locksOf, waitsAlone } from './lock-strength.ts';
import { retryOnContention } from './retry-on-contention.ts';
import { runStatement } from './run-statement.ts';
import type { SchemaWork, Task, Way } from './schema-work.ts';

/** Longer than Postgres waits before it ends an autovacuum that is in the way (deadlock_timeout, 1 s). */
const patientMs = 10_000;

/**
 * All statements and their ledger rows in one transaction: either everything happened, or nothing did. Whatever can be done
 * before the first lock or after the last statement is done there, so that people are kept out for the statements alone.
 */
export async function runTogether(work: SchemaWork, way: Way, tasks: readonly Task[]): Promise<void> {
  const { connection, context, config, ledger } = work;
  const locks = locksOf(tasks.map(({ statement }) => statement));
  const steps = tasks.map((task, index) => ({ task, keepsOut: locks[index]?.keepsOut !== 'nobody' }));
  const lockTimeoutMs = tasks.every(({ statement }) => waitsAlone(statement))
    ? Math.max(config.lock_timeout, patientMs)
    : config.lock_timeout;
  const limits = {
    lockTimeoutMs,
    statementTimeoutMs: config.statement_timeout,
    // A controller that stands still, or is cut off, keeps nobody out for longer than one that works.
    idleLimitMs: config.lock_timeout + config.hold_timeout,
  };
  const need = { locks, lockTimeoutMs, concurrently: false };
  await retryOnContention(work, need, async () => {
    const limit = new HoldLimit(context.clock, { ...config, lock_timeout: lockTimeoutMs });
    await inTransaction(connection, limits, async () => {
      await claimStep(connection, context);
      const finished = await ledger.finishedAmong(way, tasks);
      const open = steps.filter(({ task }) => !finished.has(task.index));
      for (const { task, keepsOut } of open) await runStatement(work, task, { limit, keepsOut });
      await ledger.finish(
        way,
        open.map(({ task }) => task),
      );
    });
  });
}
