import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TerminalError } from '@crossfade/engine';
import type { Change, SourceRow, StoredRow, TransformAnswer, TransformRequest } from './transform-module.ts';

/** What a transform does wrong with rows: it throws, returns something else, or does not come to an end. */
export class TransformFault extends Error {
  override readonly name = 'TransformFault';
}

export interface ProcessOptions {
  /** Of the file. */
  readonly url: string;
  /** As the plan calls it. */
  readonly file: string;
  readonly written: readonly string[];
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

const startLimitMs = 30_000;
const program = fileURLToPath(new URL('transform-child.ts', import.meta.url));

/**
 * Runs a transform in a process of its own, which is killed when it takes too long, and begun again. A thread would not do: one
 * that runs out of memory may take the whole process with it, and nothing else could go on.
 */
export class TransformProcess {
  readonly #options: ProcessOptions;
  #child: ChildProcess | undefined;
  #hasInverse = false;
  #requests = 0;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /**
   * @throws TransformFault for what is wrong with these rows.
   * @throws TerminalError for what is wrong with the file.
   */
  async changesOf(rows: readonly SourceRow[], signal: AbortSignal): Promise<readonly Change[]> {
    const answer = await this.#ask({ ask: 'changes', id: this.#nextId(), rows }, signal);
    if (answer.answer === 'changes') return answer.changes;
    throw new TransformFault(answer.answer === 'failed' ? answer.reason : 'it gave no answer');
  }

  /**
   * The keys of rows for which the inverse does not bring back what is read.
   * @throws TransformFault when the inverse itself fails on these rows.
   */
  async differingOf(rows: readonly StoredRow[], signal: AbortSignal): Promise<readonly string[]> {
    const answer = await this.#ask({ ask: 'check', id: this.#nextId(), rows }, signal);
    if (answer.answer === 'checked') return answer.differing;
    throw new TransformFault(answer.answer === 'failed' ? answer.reason : 'it gave no answer');
  }

  async hasInverse(signal: AbortSignal): Promise<boolean> {
    this.#child ??= await this.#start(signal);
    return this.#hasInverse;
  }

  async #ask(request: TransformRequest, signal: AbortSignal): Promise<TransformAnswer> {
    const child = (this.#child ??= await this.#start(signal));
    return await this.#hear(child, this.#options.timeoutMs, signal, () => child.send(request));
  }

  #nextId(): number {
    this.#requests += 1;
    return this.#requests;
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #start(signal: AbortSignal): Promise<ChildProcess> {
    const { url, file, written, memoryMb } = this.#options;
    const child = fork(program, [url, ...written], {
      execArgv: [`--max-old-space-size=${memoryMb}`],
      serialization: 'advanced',
      // What belongs to Crossfade, such as the address of the database, is not a transform's.
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    try {
      const answer = await this.#hear(child, startLimitMs, signal, () => undefined);
      if (answer.answer === 'ready') {
        this.#hasInverse = answer.hasInverse;
        return child;
      }
      throw new TransformFault(answer.answer === 'unusable' ? answer.reason : 'it cannot be loaded');
    } catch (error) {
      child.kill('SIGKILL');
      // No row is to blame for what a file does when it is loaded.
      throw error instanceof TransformFault ? new TerminalError(`${file}: ${error.message}`) : error;
    }
  }

  /** The next word of the process, in time; where there is none, it is killed. */
  async #hear(
    child: ChildProcess,
    limitMs: number,
    signal: AbortSignal,
    ask: () => void,
  ): Promise<TransformAnswer> {
    const heard = Promise.withResolvers<TransformAnswer>();
    const fail = (reason: string): void => heard.reject(new TransformFault(reason));
    const onMessage = (message: unknown): void => heard.resolve(message as TransformAnswer);
    const onError = (error: Error): void => fail(error.message);
    const onExit = (code: number | null, killedBy: string | null): void => fail(this.#end(code, killedBy));
    const onAbort = (): void => heard.reject(signal.reason);
    const timer = setTimeout(() => fail(`it did not come to an end within ${limitMs} ms`), limitMs);
    child.once('message', onMessage).once('error', onError).once('exit', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
      else ask();
      return await heard.promise;
    } catch (error) {
      this.stop();
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.off('message', onMessage).off('error', onError).off('exit', onExit);
      // A process that is not heard may still fail to be sent to, or to be killed.
      if (child.listenerCount('error') === 0) child.on('error', () => undefined);
    }
  }

  /** Node ends itself with SIGABRT when its memory is used up. */
  #end(code: number | null, killedBy: string | null): string {
    if (killedBy === 'SIGABRT') return `it needed more than ${this.#options.memoryMb} MB of memory`;
    return `its process ended ${killedBy === null ? `with code ${code}` : `by ${killedBy}`}`;
  }
}
