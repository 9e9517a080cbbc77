import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { workFolder } from '../session.ts';

export interface ChildOptions {
  /** Also the name of its log under .crossfade/logs. */
  readonly name: string;
  readonly script: string;
  readonly arguments: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The child draws on our terminal instead of being read by us: on stderr where our stdout is one JSON document. */
  readonly showsItself?: 'on stdout' | 'on stderr';
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours. It hears of our end through its IPC channel, so none is left behind even when we are killed. */
export interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<ChildEnd>;
  /** Its standard output so far and from now on, line by line. */
  lines(): AsyncIterable<string>;
  readonly logPath: string;
}

/** Our processes: whatever was started can be ended, however far the work has come. */
export class ProcessGroup {
  readonly #living = new Set<Child>();
  #ending = false;

  /** @throws Error when the group is ending: what was under way then must not leave a process behind. */
  start(options: ChildOptions): Child {
    if (this.#ending) throw new Error(`${options.name} is not started any more: everything is ending`);
    const child = startChild(options);
    this.#living.add(child);
    const forget = () => this.#living.delete(child);
    child.ended.then(forget, forget);
    return child;
  }

  /**
   * Runs a child to its end and returns the last line it printed.
   * @throws Error with the last line of its log, and where that is, when it fails.
   */
  async run(options: ChildOptions): Promise<string> {
    const child = this.start(options);
    let last = '';
    for await (const line of child.lines()) last = line;
    const { code, signal } = await child.ended;
    if (code !== 0)
      throw new Error(
        `${options.name} ended with ${signal ?? `exit code ${code}`}: ${lastLineOf(child.logPath)} (see ${child.logPath})`,
      );
    return last;
  }

  startNoMore(): void {
    this.#ending = true;
  }

  /** Asks all to end, and ends by force what has not after `graceMs`. */
  async endAll(graceMs = 5_000): Promise<void> {
    this.startNoMore();
    await Promise.all([...this.#living].map((child) => endChild(child, graceMs)));
  }

  /** Ends all at once, without waiting. */
  killAll(): void {
    this.startNoMore();
    for (const { process: living } of this.#living) living.kill('SIGKILL');
  }
}

/** What a child said last is usually why it ended. */
function lastLineOf(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) || 'it said nothing';
}

function startChild(options: ChildOptions): Child {
  const folder = join(workFolder, 'logs');
  mkdirSync(folder, { recursive: true });
  const logPath = join(folder, `${options.name}.log`);
  const log = openSync(logPath, 'a');
  const child = spawn(process.execPath, [options.script, ...options.arguments], {
    // A group of its own: Ctrl+C reaches us alone, and we end the others in order.
    detached: true,
    stdio: options.showsItself
      ? ['ignore', options.showsItself === 'on stdout' ? 1 : 2, 2, 'ipc']
      : ['ignore', 'pipe', log, 'ipc'],
    env: { ...process.env, ...options.env },
  });
  closeSync(log);
  const ended = new Promise<ChildEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const { stdout } = child;
  return {
    process: child,
    ended,
    logPath,
    lines: () => {
      if (!stdout) throw new Error(`${options.name} draws on the terminal itself: its lines cannot be read`);
      return createInterface({ input: stdout });
    },
  };
}

/** Asks a child to end (SIGTERM), and ends it by force when it has not after `graceMs`. */
export async function endChild(child: Child, graceMs = 10_000): Promise<ChildEnd> {
  if (child.process.exitCode === null && child.process.signalCode === null) child.process.kill('SIGTERM');
  const timer = setTimeout(() => child.process.kill('SIGKILL'), graceMs);
  try {
    return await child.ended;
  } finally {
    clearTimeout(timer);
  }
}
