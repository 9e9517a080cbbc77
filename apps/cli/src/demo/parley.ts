import { join, resolve } from 'node:path';
import { z } from 'zod';
import { workFolder } from '../session.ts';
import { endChild, runChild, startChild, type Child } from './child.ts';

const apps = join(import.meta.dirname, '..', '..', '..');
const script = join(apps, 'parley-server', 'src', 'main.ts');

export const credentialsFile = join(workFolder, 'people.json');

const contentSummary = z.object({
  messages: z.number(),
  inserted: z.number(),
  people: z.number(),
  conversations: z.number(),
  tookMs: z.number(),
});

export type ContentSummary = z.infer<typeof contentSummary>;

/** Parley's tables, its content, and passwords for the people who will use it. Each part does nothing the second time. */
export async function prepareParley(
  databaseUrl: string,
  content: { readonly importFile: string | undefined; readonly messages: number; readonly seed: number },
  people: number,
): Promise<ContentSummary> {
  const env = { DATABASE_URL: databaseUrl };
  await runChild({ name: 'parley-install', script, arguments: ['install'], env });
  const given = content.importFile
    ? ['import', content.importFile]
    : ['sample', '--messages', String(content.messages), '--seed', String(content.seed)];
  const summary = await runChild({ name: 'parley-content', script, arguments: given, env });
  const invite = ['invite', '--count', String(people), '--output', credentialsFile];
  await runChild({ name: 'parley-invite', script, arguments: invite, env });
  return contentSummary.parse(JSON.parse(summary));
}

/** One server process of Parley, kept up: when it dies it is started again on the same port. */
export class ParleyProcess {
  readonly #databaseUrl: string;
  readonly #name: string;
  readonly #onRestart: (name: string) => void;
  #child: Child | undefined;
  #port = 0;
  #wanted = true;

  constructor(name: string, databaseUrl: string, onRestart: (name: string) => void) {
    this.#name = name;
    this.#databaseUrl = databaseUrl;
    this.#onRestart = onRestart;
  }

  /** Resolves to its URL when it listens. */
  async start(): Promise<string> {
    const backup = resolve(workFolder, `${this.#name}-flags.json`);
    const child = startChild({
      name: this.#name,
      script,
      arguments: ['serve', '--port', String(this.#port), '--host', '127.0.0.1', '--flag-backup', backup],
      env: { DATABASE_URL: this.#databaseUrl },
    });
    this.#child = child;
    const url = await listening(child, this.#name);
    this.#port = Number(new URL(url).port);
    void this.#restartWhenItEnds(child);
    return url;
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    if (this.#child) await endChild(this.#child);
  }

  async #restartWhenItEnds(child: Child): Promise<void> {
    await child.ended;
    for (let attempt = 1; ; attempt += 1) {
      if (!this.#wanted) return;
      this.#onRestart(this.#name);
      try {
        await this.start();
        return;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  }
}

const listeningLine = z.object({ listening: z.url() });

async function listening(child: Child, name: string): Promise<string> {
  for await (const line of child.lines()) {
    const parsed = listeningLine.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data.listening;
  }
  throw new Error(`${name} ended before it listened: see ${child.logPath}`);
}
