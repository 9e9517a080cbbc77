import { join } from 'node:path';
import { createFaultProxy } from '@crossfade/local-postgres/testing';
import pg from 'pg';
import { stumbled } from './concluding.ts';
import { nobody, type Accident, type Fault, type FaultAt, type TrialResult } from './fault.ts';
import { chanceOf, type Ground } from './ground.ts';
import { problemsOfEnds } from './process-ends.ts';
import { RecordedProcesses } from './recorded-processes.ts';
import { ownName, sessionsLeft } from './sessions-left.ts';
import { writeSlackExport } from './slack-export.ts';

const script = join(import.meta.dirname, '..', '..', '..', '..', 'parley-server', 'src', 'main.ts');
const mostKills = 4;
/** One that has not ended by then never will. */
const longestMs = 120_000;

/** Rows by what they mean; when and under which number each was stored first is left out where it may differ. */
const contentQuery = `
  select 'person' as kind, concat_ws('|', id, email, raw_user_meta_data) as row from auth.users
  union all select 'conversation', concat_ws('|', id, kind, title, topic, created_by, created_at, last_seq, version)
    from public.conversations
  union all select 'member', concat_ws('|', conversation_id, user_id, role, joined_at, last_read_seq)
    from public.conversation_participants
  union all select 'message', concat_ws('|', external_id, conversation_id, seq, sender_id, body, created_at, edited_at,
    edit_version, (select t.external_id from public.messages t where t.id = m.thread_id)) from public.messages m`;

interface Import {
  readonly content: string;
  readonly writes: number;
  /** What has ended by itself, and processes and sessions that are there although it has ended. */
  readonly problems: readonly string[];
}

interface ImportFault {
  readonly name: string;
  readonly about: string;
  readonly command: (ground: Ground) => Promise<readonly string[]>;
}

interface Kill {
  /** Counted from 1 over all that were written, also by an earlier one that was killed. */
  readonly write: number;
  readonly moment: 'before' | 'after';
}

/** SIGKILL of an import at writes of its own; run again until it is done, it must leave what an undisturbed one leaves. */
function importKilled({ name, about, command }: ImportFault): FaultAt<readonly Kill[]> {
  const undisturbed = new WeakMap<Ground, Promise<Import>>();
  const undisturbedImport = async (ground: Ground): Promise<Import> => {
    const known =
      undisturbed.get(ground) ?? command(ground).then(async (given) => await whole(ground, given));
    undisturbed.set(ground, known);
    return await known;
  };
  const at = (kills: readonly Kill[]): Accident => ({
    moments: kills,
    trial: async (ground) =>
      await trialOf(ground, await command(ground), { kills, expected: await undisturbedImport(ground) }),
  });
  const draw: Fault['draw'] = async (ground, seed) => {
    const { writes } = await undisturbedImport(ground);
    const random = chanceOf(name, seed);
    const points = random.several(random.between(1, Math.min(mostKills, writes)), 1, writes);
    return at(points.map((write) => ({ write, moment: random.pick(['before', 'after']) })));
  };
  return { name, about, draw, at };
}

/** @throws Error that says what is wrong already without any fault. */
async function whole(ground: Ground, given: readonly string[]): Promise<Import> {
  const trial = ground.nextTrial();
  const imported = await importContent(ground, given, { trial, kills: [], done: [] });
  if (imported.problems.length === 0) return imported;
  throw new Error(`already without any fault: ${imported.problems.join('; ')}`);
}

async function trialOf(
  ground: Ground,
  given: readonly string[],
  { kills, expected }: { readonly kills: readonly Kill[]; readonly expected: Import },
): Promise<TrialResult> {
  const trial = ground.nextTrial();
  const done: string[] = [];
  try {
    const { content, problems } = await importContent(ground, given, { trial, kills, done });
    const found = [
      ...(content === expected.content ? [] : [`content ${content}, expected ${expected.content}`]),
      ...(done.length === 0 ? ['nothing was done to it'] : []),
      ...problems,
    ];
    return { trial, ended: 'same content', done, problems: found, ...nobody };
  } catch (error) {
    return stumbled({ trial, done }, error);
  }
}

/** @param done what was done to it is added here, so that it is known however it ends. */
async function importContent(
  ground: Ground,
  given: readonly string[],
  {
    trial,
    kills,
    done,
  }: { readonly trial: string; readonly kills: readonly Kill[]; readonly done: string[] },
): Promise<Import> {
  const database = await ground.createDatabase(trial, 'empty');
  const proxy = await createFaultProxy(database.url);
  const processes = new RecordedProcesses(trial);
  const waiting = [...kills];
  const once = async (): Promise<'done' | 'killed'> => {
    const env = { DATABASE_URL: proxy.url };
    const child = processes.start({ name: 'import', script, arguments: given, env });
    // A write that was passed while an earlier one was made good again is passed for good.
    const kill = waiting.shift();
    if (kill && kill.write > proxy.writes()) {
      const { write, moment } = kill;
      proxy.atWrite(write, moment, () => {
        if (!child.process.kill('SIGKILL')) throw new Error('the import was gone when it was to be killed');
        done.push(`import killed ${moment} its write ${write}`);
        return 'drop';
      });
    }
    const tooLong = setTimeout(() => child.process.kill('SIGABRT'), longestMs);
    for await (const line of child.lines()) if (line === '') continue;
    const { code, signal } = await child.ended;
    clearTimeout(tooLong);
    if (code === 0) return 'done';
    if (signal === 'SIGKILL') return 'killed';
    throw new Error(`the import ended with ${signal ?? code}: see ${child.logPath}`);
  };
  try {
    while ((await once()) === 'killed');
    const { content, sessions } = await examine(database.url);
    const left = [...processes.left(), ...sessions];
    const problems = [
      ...problemsOfEnds(processes.ends, () => ({ byItself: [0], asked: [] })),
      ...(left.length === 0 ? [] : [`left behind: ${left.join(', ')}`]),
    ];
    return { content, writes: proxy.writes(), problems };
  } finally {
    await processes.endAll();
    await proxy.close();
    await database.drop();
  }
}

async function examine(databaseUrl: string): Promise<{ content: string; sessions: readonly string[] }> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: ownName });
  await client.connect();
  try {
    const { rows } = await client.query<{ digest: string }>(
      `select string_agg(kind || ' ' || count || ' ' || digest, ', ' order by kind) as digest from (
         select kind, count(*), md5(string_agg(row, e'\\n' order by row)) as digest from (${contentQuery}) as content
         group by kind) as kinds`,
    );
    return { content: rows[0]?.digest ?? '', sessions: await sessionsLeft(client) };
  } finally {
    await client.end();
  }
}

export const importFaults: readonly Fault[] = [
  importKilled({
    name: 'sample-killed',
    about: 'SIGKILL of the filling-in of the sample workspace at writes of its own; then run again',
    command: async () => ['sample', '--messages', '1500', '--people', '40', '--seed', '4'],
  }),
  importKilled({
    name: 'import-killed',
    about: 'SIGKILL of the import of a Slack export at writes of its own; then run again',
    command: async (ground) => ['import', await writeSlackExport(ground.folder)],
  }),
];
