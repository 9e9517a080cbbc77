import { Worker } from 'node:worker_threads';
import { TerminalError } from '@crossfade/engine';
import type { Change, SourceRow, TransformAnswer, TransformRequest } from './transform-module.ts';

/** What a transform does wrong with rows: it throws, returns something else, or does not come to an end. */
export class TransformFault extends Error {
  override readonly name = 'TransformFault';
}

export interface ThreadOptions {
  /** Of the file. */
  readonly url: string;
  /** As the plan calls it. */
  readonly file: string;
  readonly written: readonly string[];
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

const startLimitMs = 15_000;

/** Runs a transform in a thread of its own, which is ended when it takes too long or too much, and begun again. */
export class TransformThread {
  readonly #options: ThreadOptions;
  #worker: Worker | undefined;
  #requests = 0;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /**
   * @throws TransformFault for what is wrong with these rows.
   * @throws TerminalError for what is wrong with the file.
   */
  async changesOf(rows: readonly SourceRow[], signal: AbortSignal): Promise<readonly Change[]> {
    const worker = (this.#worker ??= await this.#start(signal));
    this.#requests += 1;
    const request: TransformRequest = { id: this.#requests, rows };
    const answer = await this.#answerOf(worker, request, signal);
    if (answer.answer === 'changes') return answer.changes;
    throw new TransformFault(answer.answer === 'failed' ? answer.reason : 'it gave no answer');
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #start(signal: AbortSignal): Promise<Worker> {
    const { url, file, written, memoryMb } = this.#options;
    const worker = new Worker(new URL('transform-worker.ts', import.meta.url), {
      workerData: { url, written },
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      // What belongs to Crossfade, such as the address of the database, is not a transform's.
      env: {},
    });
    const answer = await this.#hear(worker, startLimitMs, signal, () => undefined);
    if (answer.answer === 'ready') return worker;
    await worker.terminate();
    throw new TerminalError(
      `${file}: ${answer.answer === 'unusable' ? answer.reason : 'it cannot be loaded'}`,
    );
  }

  async #answerOf(worker: Worker, request: TransformRequest, signal: AbortSignal): Promise<TransformAnswer> {
    return await this.#hear(worker, this.#options.timeoutMs, signal, () => worker.postMessage(request));
  }

  /** The thread's next word, in time; where there is none, it is ended. */
  async #hear(
    worker: Worker,
    limitMs: number,
    signal: AbortSignal,
    ask: () => void,
  ): Promise<TransformAnswer> {
    const heard = Promise.withResolvers<TransformAnswer>();
    const fail = (reason: string): void => heard.reject(new TransformFault(reason));
    const onMessage = (answer: TransformAnswer): void => heard.resolve(answer);
    const onError = (error: unknown): void => fail(this.#wordsOf(error));
    const onExit = (code: number): void => fail(`its thread ended with code ${code}`);
    const onAbort = (): void => heard.reject(signal.reason);
    const timer = setTimeout(() => fail(`it did not come to an end within ${limitMs} ms`), limitMs);
    worker.once('message', onMessage).once('error', onError).once('exit', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      ask();
      return await heard.promise;
    } catch (error) {
      this.#worker = undefined;
      await worker.terminate();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    }
  }

  #wordsOf(error: unknown): string {
    const isOutOfMemory =
      error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (isOutOfMemory) return `it needed more than ${this.#options.memoryMb} MB of memory`;
    return error instanceof Error ? error.message : String(error);
  }
}
