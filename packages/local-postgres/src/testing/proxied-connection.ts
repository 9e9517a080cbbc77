import { once } from 'node:events';
import net from 'node:net';
import { BackendReader } from './backend-reader.ts';
import { FrontendReader } from './frontend-reader.ts';
import { makesFinal } from './statements.ts';
import type { Valve } from './valve.ts';
import type { WriteDecision, WriteWatch } from './write-watch.ts';

export type ProxyTarget = { readonly host: string; readonly port: number };

export type ConnectionParts = {
  readonly inside: net.Socket;
  readonly target: ProxyTarget;
  readonly valve: Valve;
  /** Where the target speaks the Postgres protocol: counts what it is asked to write. */
  readonly writes: WriteWatch | undefined;
  /** The client's process is gone: nobody may hear the other side any more. */
  readonly dropAll: () => void;
};

/** One client's connection with the one to the target that belongs to it. Ends as a whole. */
export class ProxiedConnection {
  readonly #parts: ConnectionParts;
  readonly #over = new AbortController();
  readonly #frontend = new FrontendReader();
  readonly #backend = new BackendReader();
  #outside: net.Socket | undefined;
  #whenAnswered: Exclude<WriteDecision, string>['whenAnswered'] | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** Resolves when both ends are gone. */
  async carry(): Promise<void> {
    const { inside, target, valve } = this.#parts;
    try {
      inside.on('error', () => undefined); // Whoever reads or writes hears of it too.
      await valve.pass();
      if (this.#over.signal.aborted) return;
      const outside = net.connect({ ...target, allowHalfOpen: true });
      this.#outside = outside;
      outside.setNoDelay(true);
      outside.on('error', () => undefined);
      await Promise.all([
        this.#pump(inside, outside, this.#toTarget),
        this.#pump(outside, inside, this.#toClient),
      ]);
    } finally {
      this.drop();
    }
  }

  /** Cuts both sides at once. */
  drop(): void {
    this.#over.abort();
    this.#parts.inside.destroy();
    this.#outside?.destroy();
  }

  /** Nothing is read while nothing can be written: who sends too much is slowed down as without us. */
  async #pump(
    from: net.Socket,
    to: net.Socket,
    forward: (chunk: Buffer, to: net.Socket) => Promise<void>,
  ): Promise<void> {
    try {
      for await (const chunk of from) {
        await this.#parts.valve.pass();
        await forward(chunk, to);
      }
      await this.#parts.valve.pass();
      to.end();
    } catch {
      // However one side broke, all that the other one learns is that the connection is gone; a stalled network tells nothing.
      await this.#parts.valve.pass();
      this.drop();
    }
  }

  readonly #toTarget = async (chunk: Buffer, to: net.Socket): Promise<void> => {
    const { writes } = this.#parts;
    if (!writes) return await this.#write(to, chunk);
    for (const { bytes, executes } of this.#frontend.read(chunk)) {
      if (executes !== undefined && makesFinal(executes, this.#backend.inTransaction)) {
        const decision = await writes.next(executes);
        if (decision === 'drop') this.#dropEverybody();
        if (typeof decision === 'object') this.#whenAnswered = decision.whenAnswered;
        // The network may have been stalled while somebody thought about it.
        await this.#parts.valve.whenOpen();
      }
      await this.#write(to, bytes);
    }
  };

  #held: Buffer[] = [];

  readonly #toClient = async (chunk: Buffer, to: net.Socket): Promise<void> => {
    if (!this.#parts.writes) return await this.#write(to, chunk);
    const ends = this.#backend.read(chunk);
    this.#held.push(chunk);
    if (this.#whenAnswered) {
      if (ends === 0) return;
      const decide = this.#whenAnswered;
      this.#whenAnswered = undefined;
      if ((await decide()) === 'drop') this.#dropEverybody();
      await this.#parts.valve.whenOpen();
    }
    const held = this.#held;
    this.#held = [];
    await this.#write(to, Buffer.concat(held));
  };

  #dropEverybody(): never {
    this.#parts.dropAll();
    throw new Error('dropped');
  }

  async #write(to: net.Socket, bytes: Buffer): Promise<void> {
    if (!to.write(bytes)) await once(to, 'drain', { signal: this.#over.signal });
  }
}
