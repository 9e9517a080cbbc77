import type { TargetConnection } from '@crossfade/engine';
import { inTransaction, type TransactionLimits } from './in-transaction.ts';

/** Like `inTransaction`; but whatever the work does in the database, nothing of it stays. */
export async function inRolledBack<T>(
  connection: TargetConnection,
  limits: TransactionLimits,
  work: () => Promise<T>,
): Promise<T> {
  const answers: T[] = [];
  const isDone = new Error('all is done, and to be rolled back');
  try {
    return await inTransaction(connection, limits, async () => {
      answers.push(await work());
      throw isDone;
    });
  } catch (error) {
    const [answer] = answers;
    if (error !== isDone || answer === undefined) throw error;
    return answer;
  }
}
