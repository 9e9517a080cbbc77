import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { workFolder } from '../session.ts';
import { endChild, type Child, type ProcessGroup } from './process-group.ts';

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
  processes: ProcessGroup,
  databaseUrl: string,
  content: { readonly importFile: string | undefined; readonly messages: number; readonly seed: number },
  people: number,
): Promise<ContentSummary> {
  const env = { DATABASE_URL: databaseUrl };
  await processes.run({ name: 'parley-install', script, arguments: ['install'], env });
  const given = content.importFile
    ? ['import', content.importFile]
    : ['sample', '--messages', String(content.messages), '--seed', String(content.seed)];
  const summary = await processes.run({ name: 'parley-content', script, arguments: given, env });
  // One more than use it by themselves: for whoever opens it in a browser.
  const invite = ['invite', '--count', String(people + 1), '--output', credentialsFile];
  await processes.run({ name: 'parley-invite', script, arguments: invite, env });
  return contentSummary.parse(JSON.parse(summary));
}

const builtWeb = z.object({ web: z.string() });
const credentials = z.object({
  people: z.array(z.object({ email: z.string(), password: z.string() })).min(1),
});

/** The web app as a folder to be served; the second time it is there already. @throws Error when it cannot be built here. */
export async function buildWeb(processes: ProcessGroup): Promise<string> {
  const builder = join(apps, 'parley-web', 'build.ts');
  const given = ['--out', resolve(workFolder, 'parley-web')];
  return builtWeb.parse(
    JSON.parse(await processes.run({ name: 'parley-web', script: builder, arguments: given })),
  ).web;
}

/** Somebody of the sample workspace whom nobody else plays. */
export function visitor(): { readonly email: string; readonly password: string } {
  const { people } = credentials.parse(JSON.parse(readFileSync(credentialsFile, 'utf8')));
  const last = people.at(-1);
  if (last === undefined) throw new Error(`${credentialsFile}: expected people in it`);
  return last;
}

const mostAttempts = 6;
/** Before the first new start; twice as long before each further one: its database may be on its way back. */
const firstPauseMs = 200;

/** One server process of Parley, kept up: when it dies it is started again on the same port. */
export class ParleyProcess {
  readonly #processes: ProcessGroup;
  readonly #databaseUrl: string;
  readonly #name: string;
  readonly #tell: (text: string) => void;
  readonly #folder: string;
  readonly #web: string | undefined;
  #child: Child | undefined;
  #port = 0;
  #wanted = true;

  /**
   * @param folder where it keeps the flags it knew last, for a start without its database.
   * @param web a folder with the built web app; without it there is the API alone.
   */
  constructor(
    processes: ProcessGroup,
    name: string,
    databaseUrl: string,
    tell: (text: string) => void,
    folder: string = workFolder,
    web?: string,
  ) {
    this.#processes = processes;
    this.#name = name;
    this.#databaseUrl = databaseUrl;
    this.#tell = tell;
    this.#folder = folder;
    this.#web = web;
  }

  /** Resolves to its URL when it listens. */
  async start(): Promise<string> {
    const backup = resolve(this.#folder, `${this.#name}-flags.json`);
    const given = ['serve', '--port', String(this.#port), '--host', '127.0.0.1', '--flag-backup', backup];
    const child = this.#processes.start({
      name: this.#name,
      script,
      arguments: [
        ...given,
        ...(this.#web === undefined ? [] : ['--web', this.#web, '--workspace', 'Nordhalt']),
      ],
      env: { DATABASE_URL: this.#databaseUrl },
    });
    this.#child = child;
    const url = await listening(child, this.#name);
    this.#port = Number(new URL(url).port);
    void this.#restartWhenItEnds(child);
    return url;
  }

  /** It is not started again; one that runs finishes its requests, or is ended by force after `graceMs`. */
  async stop(graceMs = 10_000): Promise<void> {
    this.#wanted = false;
    if (this.#child) await endChild(this.#child, graceMs);
  }

  async #restartWhenItEnds(child: Child): Promise<void> {
    await child.ended;
    for (let attempt = 1; attempt <= mostAttempts && this.#wanted; attempt += 1) {
      this.#tell(`${this.#name} died; starting it again. The other one serves on.`);
      await sleep(firstPauseMs * 2 ** (attempt - 1));
      if (!this.#wanted) return;
      try {
        await this.start();
        return;
      } catch (error) {
        this.#tell(error instanceof Error ? error.message : String(error));
      }
    }
    if (this.#wanted) this.#tell(`${this.#name} could not be started again`);
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
