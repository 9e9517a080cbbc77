import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', 'main.ts');

export interface CrossfadeEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CrossfadeProcess {
  readonly process: ChildProcess;
  readonly ended: Promise<CrossfadeEnd>;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
}

/** Starts the real command, as a person would, with its output kept. */
export function startCrossfade(...given: string[]): CrossfadeProcess {
  const child = spawn(process.execPath, [main, ...given], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<CrossfadeEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { process: child, ended, stdout: () => stdout, stderr: () => stderr };
}

export function crossfade(...given: string[]): Promise<CrossfadeEnd> {
  return startCrossfade(...given).ended;
}
