import { inTransaction } from '../target/in-transaction.ts';
import { claimStep } from '../target/ledger.ts';
import { retryOnContention } from './retry-on-contention.ts';
import { runStatement } from './run-statement.ts';
import type { SchemaWork, Task, Way } from './schema-work.ts';

/** All statements and their ledger rows in one transaction: either everything happened, or nothing did. */
export async function runTogether(work: SchemaWork, way: Way, tasks: readonly Task[]): Promise<void> {
  const { connection, context, config, ledger } = work;
  const limits = { lockTimeoutMs: config.lock_timeout, statementTimeoutMs: config.statement_timeout };
  const statements = tasks.map(({ statement }) => statement);
  const need = { statements, lockTimeoutMs: config.lock_timeout, holdsUpOthers: true };
  await retryOnContention(work, need, async () => {
    await inTransaction(connection, limits, async () => {
      await claimStep(connection, context);
      for (const task of tasks) {
        if (await ledger.isFinished(way, task)) continue;
        await runStatement(work, task);
        await ledger.finish(way, task);
      }
    });
  });
}
