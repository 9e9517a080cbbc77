import { eachInTransaction, setLimits } from '../target/each-in-transaction.ts';
import { claimStep } from '../target/ledger.ts';
import { sqlStateOf } from '../target/sql-state.ts';
import { buildIndex, needOfConcurrently, settingsForConcurrently } from './build-index.ts';
import { retryOnContention } from './retry-on-contention.ts';
import { runTogether } from './run-together.ts';
import { runStatement } from './run-statement.ts';
import type { SchemaWork, Task, Way } from './schema-work.ts';
import { concurrentIndexOf, isConcurrentDrop } from './statement-facts.ts';
import { runsInTransaction } from './transaction-block.ts';

/** Statement by statement, going on after the last that is done. */
export async function runAlone(work: SchemaWork, way: Way, tasks: readonly Task[]): Promise<void> {
  for (const [done, task] of tasks.entries()) {
    const note = `line ${task.statement.line} of ${work.config.file}`;
    work.context.report({ done, total: tasks.length, unit: 'statements', note });
    const finished = await work.ledger.apart().finishedAmong(way, [task]);
    if (finished.has(task.index)) continue;
    await claimStep(eachInTransaction(work.connection), work.context);
    const index = concurrentIndexOf(task.statement);
    if (index) await buildIndex(work, way, task, index);
    else if (runsInTransaction(task.statement)) await runTogether(work, way, [task]);
    else await runBare(work, way, task);
  }
}

const undefinedObject = '42704';

/** A statement that Postgres refuses inside a transaction: it may be done without our having noted it. */
async function runBare(work: SchemaWork, way: Way, task: Task): Promise<void> {
  const { connection } = work;
  const ledger = work.ledger.apart();
  const wasBegun = await ledger.isBegun(way, task);
  await ledger.begin(way, task);
  await settingsForConcurrently(connection);
  await retryOnContention(work, needOfConcurrently(task.statement), async () => {
    try {
      await runStatement(work, task);
    } catch (error) {
      // A drop that was cut off after its work was done finds nothing to drop.
      const isGone = error instanceof Error && sqlStateOf(error.cause) === undefinedObject;
      if (!(wasBegun && isGone && isConcurrentDrop(task.statement))) throw error;
    }
  });
  await setLimits(connection);
  await ledger.finish(way, [task]);
}
