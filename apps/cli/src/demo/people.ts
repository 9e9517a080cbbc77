import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { clientLogFile } from '../report/report-files.ts';
import { endChild, type Child, type ProcessGroup } from './process-group.ts';
import { credentialsFile } from './parley.ts';

const script = join(import.meta.dirname, '..', '..', '..', 'parley-load', 'src', 'main.ts');

export interface PeopleOptions {
  readonly urls: readonly string[];
  readonly people: number;
  readonly ratePerSecond: number;
  readonly seed: number;
  /** Where they log what they see; the log that the report is made from by default. */
  readonly logFile?: string;
}

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({
    type: z.literal('progress'),
    requests: z.number(),
    failed: z.number(),
    p95Ms: z.number().nullable(),
    phase: z.string(),
  }),
]);

export type PeopleProgress = Extract<z.infer<typeof message>, { type: 'progress' }>;

/** People using Parley while it is migrated: the load generator, in a process of its own. */
export class People {
  readonly #child: Child;
  readonly ready: Promise<void>;
  latest: PeopleProgress | undefined;

  constructor(processes: ProcessGroup, options: PeopleOptions) {
    const { logFile = clientLogFile } = options;
    mkdirSync(dirname(logFile), { recursive: true });
    rmSync(logFile, { force: true });
    const urls = options.urls.flatMap((url) => ['--url', url]);
    const numbers = [
      '--rate',
      String(options.ratePerSecond),
      '--people',
      String(options.people),
      '--seed',
      String(options.seed),
    ];
    const given = [...urls, ...numbers, '--credentials', credentialsFile, '--log', logFile];
    const child = processes.start({ name: 'people', script, arguments: given });
    this.#child = child;
    this.ready = new Promise((resolve, reject) => {
      child.process.on('message', (raw) => {
        const parsed = message.safeParse(raw);
        if (parsed.data?.type === 'ready') resolve();
        if (parsed.data?.type === 'progress') this.latest = parsed.data;
      });
      child.ended.then(
        () => reject(new Error(`the people using Parley left before the end: see ${child.logPath}`)),
        reject,
      );
    });
    // Whoever waits for `ready` hears of it; an end later on is what `finish` waits for.
    this.ready.catch(() => undefined);
  }

  /** At once, and without reading anything again. */
  async leave(): Promise<void> {
    await endChild(this.#child, 500);
  }

  /**
   * No new requests; every acknowledged message is read again. Resolves when the log is complete.
   * @throws Error when they could not do their work.
   */
  async finish(): Promise<void> {
    const { code, signal } = await endChild(this.#child, 120_000);
    if (code !== 0)
      throw new Error(
        `the people using Parley ended with ${signal ?? `exit code ${code}`}: see ${this.#child.logPath}`,
      );
  }
}
