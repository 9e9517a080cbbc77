import { spawn, type ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();
let isOver = false;

/** Asks every command that runs to end, as on Ctrl+C; no other begins. */
export function endCommands(): void {
  isOver = true;
  for (const child of running) signalGroup(child, 'SIGTERM');
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly limitMs: number;
  /** Called with all output so far whenever there is more. */
  readonly onOutput?: (text: string) => void;
}

export interface CommandEnd {
  readonly code: number | null;
  /** Standard output and errors, as they came. */
  readonly text: string;
  readonly stdout: string;
}

/** Runs a command to its end; after `limitMs` it is asked to end, and 10 s later made to. */
export async function runCommand(command: readonly string[], options: CommandOptions): Promise<CommandEnd> {
  if (isOver) return { code: null, text: 'interrupted', stdout: '' };
  const [program = '', ...given] = command;
  const { cwd, env, uid, limitMs, onOutput } = options;
  const child = spawn(program, given, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // A group of its own, to be ended whole: whatever it started may hold its output open.
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  running.add(child);
  let [text, stdout] = ['', ''];
  const hear = (chunk: string) => {
    text += chunk;
    onOutput?.(text);
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    hear(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', hear);
  const timers = [
    setTimeout(() => signalGroup(child, 'SIGTERM'), limitMs),
    setTimeout(() => signalGroup(child, 'SIGKILL'), limitMs + 10_000),
  ];
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: null, text: error.message, stdout: '' }));
      child.once('close', (code) => resolve({ code, text, stdout }));
      // What has left the group as well may hold the output open for ever.
      child.once('exit', (code) => setTimeout(() => resolve({ code, text, stdout }), 5_000).unref());
    });
  } finally {
    running.delete(child);
    for (const timer of timers) clearTimeout(timer);
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error; // It has ended before.
  }
}

/** @throws Error with the end of what the command said, when it fails. */
export async function mustRun(command: readonly string[], options: CommandOptions): Promise<CommandEnd> {
  const end = await runCommand(command, options);
  if (end.code === 0) return end;
  throw new Error(`${command.join(' ')} ended with ${end.code ?? 'no exit code'}: ${lastWords(end.text)}`);
}

/** The last lines that say something. */
export function lastWords(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^npm (warn|notice)/.test(line));
  return lines.slice(-6).join('\n').slice(-1_200);
}
