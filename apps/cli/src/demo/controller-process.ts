import { join } from 'node:path';
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

/**
 * `crossfade run` in a process of its own, so that it can be killed like any other: what dies is started again and goes on
 * from the journal.
 */
export class ControllerProcess {
  readonly #processes: ProcessGroup;
  #child: Child | undefined;
  #stopped = false;

  constructor(processes: ProcessGroup) {
    this.#processes = processes;
  }

  /** Resolves to the exit code of the run's end. */
  async run(
    given: readonly string[],
    env: Readonly<Record<string, string>>,
    showsItself: NonNullable<ChildOptions['showsItself']>,
    onRestart: () => void,
  ): Promise<number> {
    for (let starts = 1; ; starts += 1) {
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
      if (code !== null && finalCodes.includes(code)) return code;
      if (starts === mostRestarts)
        throw new Error(`the controller died ${starts} times: see the journal with crossfade status`);
      onRestart();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#child) await endChild(this.#child);
  }
}
