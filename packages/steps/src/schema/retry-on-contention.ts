import { TerminalError } from '@crossfade/engine';
import type { Statement } from '../sql/parse-statements.ts';
import { isContention, messageOf } from '../target/sql-state.ts';
import { describeLockHolders, findLockHolders, type LockHolder } from './lock-holders.ts';
import type { SchemaWork } from './schema-work.ts';

const firstPauseMs = 50;
const longestPauseMs = 2_000;
const pollMs = 50;
const longestWaitMs = 5_000;

export interface LockNeed {
  readonly statements: readonly Statement[];
  readonly lockTimeoutMs: number;
  /** Whether people queue behind the change while it waits: then long transactions are waited for before it is tried. */
  readonly holdsUpOthers: boolean;
}

/**
 * Runs a change that needs locks, again and again while somebody is in its way, with growing pauses and jitter.
 * @throws TerminalError that names the holders, when the attempts are used up.
 */
export async function retryOnContention<T>(
  work: SchemaWork,
  need: LockNeed,
  change: () => Promise<T>,
): Promise<T> {
  const { context, config, connection } = work;
  for (let attempt = 1; ; attempt += 1) {
    context.signal.throwIfAborted();
    if (need.holdsUpOthers) await waitForLongTransactions(work, need);
    try {
      return await change();
    } catch (error) {
      if (!isContention(error)) throw error;
      const holders = await findLockHolders(connection, need.statements);
      if (attempt >= config.attempts) throw lockedOut(work, need, holders, error);
      context.report({
        done: attempt,
        total: config.attempts,
        unit: 'attempts',
        note: `waits for a lock: held on ${describeLockHolders(holders)}`,
      });
    }
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempt, 10));
    await context.clock.sleep(pauseMs * (0.5 + context.random.next()), context.signal);
  }
}

/** A transaction that is already older than our patience will outlast it: an attempt now would only make others queue. */
async function waitForLongTransactions(work: SchemaWork, need: LockNeed): Promise<void> {
  const { clock, signal } = work.context;
  const startedMs = clock.elapsedMs();
  while (clock.elapsedMs() - startedMs < longestWaitMs) {
    const holders = await findLockHolders(work.connection, need.statements);
    if (!holders.some(({ transactionAgeMs }) => transactionAgeMs > need.lockTimeoutMs)) return;
    await clock.sleep(pollMs, signal);
  }
}

function lockedOut(
  work: SchemaWork,
  need: LockNeed,
  holders: readonly LockHolder[],
  error: unknown,
): TerminalError {
  const { attempts, file } = work.config;
  return new TerminalError(
    `${file}: no lock in ${attempts} attempts of ${need.lockTimeoutMs} ms (${messageOf(error)}); held on ${describeLockHolders(holders)}`,
    { cause: error },
  );
}
