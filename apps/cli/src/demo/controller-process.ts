import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../exit-codes.ts';
import { endChild, type Child, type ChildOptions, type ProcessGroup } from './process-group.ts';

const script = join(import.meta.dirname, '..', 'main.ts');

/** Ends that starting again would not change. */
const finalCodes: readonly number[] = [
  exitCodes.ok,
  exitCodes.failed,
  exitCodes.refused,
  exitCodes.rolledBack,
];
const mostRestarts = 50;
/** A database that died is back by then. */
const databaseReturnsMs = 10_000;

/**
 * `crossfade run` in a process of its own, so that it can be killed like any other: what dies is started again and goes on
 * from the journal.
 */
export class ControllerProcess {
  readonly #processes: ProcessGroup;
  readonly #hasLostDatabaseSince: (sinceMs: number) => boolean;
  #child: Child | undefined;
  #stopped = false;

  /** `hasLostDatabaseSince` is asked with a time of `performance.now()`. */
  constructor(processes: ProcessGroup, hasLostDatabaseSince: (sinceMs: number) => boolean) {
    this.#processes = processes;
    this.#hasLostDatabaseSince = hasLostDatabaseSince;
  }

  /** Resolves to the exit code of the run's end. */
  async run(
    given: readonly string[],
    env: Readonly<Record<string, string>>,
    showsItself: NonNullable<ChildOptions['showsItself']>,
    onRestart: () => void,
  ): Promise<number> {
    for (let starts = 1; ; starts += 1) {
      const startedMs = performance.now();
      const child = this.#processes.start({
        name: 'controller',
        script,
        arguments: given,
        env,
        showsItself,
      });
      this.#child = child;
      const { code } = await child.ended;
      if (this.#stopped) return exitCodes.interrupted;
      if (code !== null && finalCodes.includes(code) && !this.#maySucceedLater(code, startedMs)) return code;
      if (starts === mostRestarts)
        throw new Error(`the controller died ${starts} times: see the journal with crossfade status`);
      onRestart();
      // Whatever it died of may need a moment to pass.
      await sleep(Math.min(200 * starts, 2_000));
      if (this.#stopped) return exitCodes.interrupted;
    }
  }

  /** A database that died under it, or just before, is on its way back: what failed on it is no answer about the plan. */
  #maySucceedLater(code: number, startedMs: number): boolean {
    const gaveUp = code === exitCodes.failed || code === exitCodes.refused;
    return gaveUp && this.#hasLostDatabaseSince(startedMs - databaseReturnsMs);
  }

  /** It is not started again; one that runs hands its lease back and ends, or is ended by force after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    if (this.#child) await endChild(this.#child, graceMs);
  }
}
