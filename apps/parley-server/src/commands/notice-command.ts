import { parseArgs } from 'node:util';
import type { QueryResultRow } from 'pg';
import { addNotice, changeNotice, endNotice, type NewNotice, type Queries } from '../queries/notices.ts';
import { connectClient } from './connect-client.ts';
import { databaseUrl } from './database-url.ts';
import { plainLine } from '../plain-line.ts';

const KINDS = ['info', 'work', 'trouble'] as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Tells everybody what is going on, how far it is, and that it is over. */
export async function run(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      title: { type: 'string' },
      text: { type: 'string', default: '' },
      kind: { type: 'string', default: 'info' },
      until: { type: 'string' },
      progress: { type: 'string' },
    },
  });
  const [what = '', id = '', share = ''] = positionals;
  const work = workOf(what, id, share, values);
  const { client, end } = await connectClient({
    connectionString: databaseUrl(),
    applicationName: 'parley',
    answerTimeoutMs: 10_000,
  });
  const queries: Queries = {
    query: async <Row extends QueryResultRow>(sql: string, given: unknown[]) =>
      (await client.query<Row>(sql, given)).rows,
  };
  try {
    process.stdout.write(`${JSON.stringify(await work(queries))}\n`);
  } finally {
    await end();
  }
}

type Values = {
  title?: string | undefined;
  text: string;
  kind: string;
  until?: string | undefined;
  progress?: string | undefined;
};

/** What was asked for, before anything is connected. @throws Error that names what is wrong */
function workOf(
  what: string,
  id: string,
  share: string,
  values: Values,
): (queries: Queries) => Promise<object> {
  switch (what) {
    case 'add': {
      const notice = noticeOf(values);
      return async (queries) => ({ notice: await addNotice(queries, notice) });
    }
    case 'progress': {
      const [known, progress] = [idOf(id), shareOf(share)];
      return async (queries) => required(known, await changeNotice(queries, known, progress), { progress });
    }
    case 'end': {
      const known = idOf(id);
      return async (queries) => required(known, await endNotice(queries, known), { ended: known });
    }
    default:
      throw new Error(`notice ${shown(what)}: expected add, progress or end`);
  }
}

/** Of what was typed, so that an error fits on a line. */
const shown = (text: string): string => plainLine(text, 60);

function noticeOf({ title = '', text, kind, until, progress }: Values): NewNotice {
  const known = KINDS.find((one) => one === kind);
  if (known === undefined) throw new Error(`--kind ${shown(kind)}: expected one of ${KINDS.join(', ')}`);
  if (title.trim() === '') throw new Error('--title is missing: expected what everybody is to be told');
  const end = until === undefined ? null : new Date(until);
  if (end !== null && Number.isNaN(end.getTime()))
    throw new Error(`--until ${shown(until ?? '')}: expected a time, such as 2026-11-26T11:30:00Z`);
  return {
    kind: known,
    title: title.trim(),
    text,
    until: end,
    progress: progress === undefined ? null : shareOf(progress),
  };
}

function shareOf(text: string): number {
  const share = Number(text);
  if (text.trim() === '' || !(share >= 0 && share <= 1))
    throw new Error(`progress ${shown(text)}: expected 0 to 1, such as 0.5`);
  return share;
}

function idOf(text: string): string {
  if (!UUID.test(text))
    throw new Error(`notice ${shown(text)}: expected the id that "notice add" has printed`);
  return text;
}

function required(id: string, isDone: boolean, answer: object): object {
  if (!isDone) throw new Error(`notice ${id}: there is none, or it has ended`);
  return answer;
}
