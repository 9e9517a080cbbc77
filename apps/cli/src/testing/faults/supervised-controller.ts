import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../../exit-codes.ts';
import { endChild, type Child } from '../../demo/process-group.ts';
import type { RecordedProcesses } from './recorded-processes.ts';

const script = join(import.meta.dirname, '..', '..', 'main.ts');
const restartPauseMs = 100;

/** `crossfade run` as an operating system's supervisor keeps it: whatever it dies of, it is started again until its run has ended. */
export class SupervisedController {
  readonly name: string;
  /** Resolves to the exit code of the run's end; to the last one when it was stopped. */
  readonly ended: Promise<number | null>;
  hasEnded = false;
  readonly #processes: RecordedProcesses;
  readonly #given: readonly string[];
  #child: Child | undefined;
  #wanted = true;

  constructor(processes: RecordedProcesses, name: string, given: readonly string[]) {
    this.name = name;
    this.#processes = processes;
    this.#given = given;
    this.ended = this.#keepUp().finally(() => (this.hasEnded = true));
  }

  get pid(): number | undefined {
    return this.#child?.process.pid;
  }

  /** Whether there was a process to hear it: between its end and its new start there is none. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#child?.process.kill(signal) ?? false;
  }

  /** It is not started again; one that runs is asked to end, and ended by force after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#wanted = false;
    if (this.#child) await endChild(this.#child, graceMs);
    await this.ended;
  }

  async #keepUp(): Promise<number | null> {
    for (;;) {
      const child = this.#processes.start({ name: this.name, script, arguments: this.#given });
      this.#child = child;
      let last = '';
      for await (const line of child.lines()) last = line;
      const { code } = await child.ended;
      // A roll-back that stopped half-way is an end, too: starting again would refuse.
      const isEnd =
        code === exitCodes.ok || code === exitCodes.rolledBack || last.includes('rollback_failed');
      if (isEnd || !this.#wanted) return code;
      await sleep(restartPauseMs);
    }
  }
}
