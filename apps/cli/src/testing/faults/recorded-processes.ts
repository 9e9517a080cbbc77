import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessGroup, type Child, type ChildEnd, type ChildOptions } from '../../demo/process-group.ts';
import { workFolder } from '../../session.ts';
import type { ProcessEnd } from './process-ends.ts';

const markName = 'CROSSFADE_FAULT_TRIAL';

/** Many processes run the same files: what is parsed once need not be parsed again. */
const compileCache = {
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] || join(workFolder, 'compile-cache'),
};

/** The processes of one trial: each can be found by its name, and none may be left behind. */
export class RecordedProcesses extends ProcessGroup {
  readonly #trial: string;
  readonly #env: (name: string) => Readonly<Record<string, string>>;
  readonly #started: { readonly name: string; readonly child: Child }[] = [];
  /** How each has ended so far, in the order of their ends. */
  readonly ends: ProcessEnd[] = [];

  /** @param trial unique on this machine; the logs are named after it. */
  constructor(trial: string, env: (name: string) => Readonly<Record<string, string>> = () => ({})) {
    super();
    this.#trial = trial;
    this.#env = env;
  }

  override start(options: ChildOptions): Child {
    const child = super.start({
      ...options,
      name: `${this.#trial}-${options.name}`,
      env: { ...compileCache, ...options.env, ...this.#env(options.name), [markName]: this.#trial },
    });
    this.#started.push({ name: options.name, child });
    const sent = signalsSentTo(child);
    const note = (end: ChildEnd): void => void this.ends.push({ name: options.name, ...end, sent });
    child.ended.then(note, () => undefined); // Whoever starts it hears that it could not be started.
    return child;
  }

  environmentOf(name: string): Readonly<Record<string, string>> {
    return this.#env(name);
  }

  /** The newest process of this name. */
  newest(name: string): Child {
    const found = this.#started.findLast((started) => started.name === name);
    if (!found) throw new Error(`no process ${name} was started`);
    return found.child;
  }

  /** The living ones: those that were started, and, where the system can tell, whatever they have started in turn. */
  left(): readonly string[] {
    const own = this.#started
      .filter(({ child: { process } }) => process.exitCode === null && process.signalCode === null)
      .map(({ name, child }) => `${name} (pid ${child.process.pid})`);
    return own.length > 0 ? own : marked(`${markName}=${this.#trial}`);
  }
}

/** What it hears from now on from this process, whoever sends it. */
function signalsSentTo({ process: child }: Child): readonly (NodeJS.Signals | number)[] {
  const sent: (NodeJS.Signals | number)[] = [];
  const kill = child.kill.bind(child);
  child.kill = (signal = 'SIGTERM') => {
    const isHeard = kill(signal);
    if (isHeard) sent.push(signal);
    return isHeard;
  };
  return sent;
}

/** Processes that have inherited the mark, on a system that shows it. */
function marked(mark: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(mark))
    .map((pid) => `pid ${pid}`);
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // It has ended meanwhile, or is somebody else's.
  }
}
