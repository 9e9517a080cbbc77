import type { Case } from './case.ts';
import { performStep } from './perform-step.ts';

const schemaFile = async (url: string, sql: string): Promise<{ readonly attempts: number }> =>
  await performStep(url, {
    type: 'schema',
    effects: ['apply'],
    settings: { file: 'change.sql' },
    files: { 'change.sql': sql },
  });

const schemaChange = async (url: string, change: object): Promise<{ readonly attempts: number }> =>
  await performStep(url, { type: 'schema', effects: ['apply'], settings: { change } });

const addColumn = 'alter table public.messages add column note text';
const keepNote = `create function public.keep_body() returns trigger language plpgsql as
  $$ begin new.body := coalesce(new.body, ''); return new; end $$`;
const trigger =
  'create trigger keep_body before insert or update on public.messages for each row execute function public.keep_body()';
const table = 'public.messages';

/** What a step of type schema does, beside the statement that one would type. */
export const schemaCases: readonly Case[] = [
  {
    name: 'addColumn',
    holds: 'has read',
    naively: [addColumn],
    ours: async (url) =>
      await schemaFile(
        url,
        `${addColumn};\n-- crossfade:undo\nalter table public.messages drop column if exists note;`,
      ),
    clean: ['alter table public.messages drop column note'],
  },
  {
    name: 'addTrigger',
    // A trigger goes together with readers.
    holds: 'has written',
    naively: [keepNote, trigger],
    ours: async (url) =>
      await schemaFile(
        url,
        `${keepNote};\n${trigger};\n-- crossfade:undo\n` +
          'drop trigger if exists keep_body on public.messages;\ndrop function if exists public.keep_body();',
      ),
    clean: ['drop trigger keep_body on public.messages', 'drop function public.keep_body()'],
  },
  {
    name: 'addCheck',
    holds: 'has read',
    naively: ['alter table public.messages add constraint short check (length(body) <= 40000)'],
    ours: async (url) =>
      await schemaChange(url, { add_check: { table, name: 'short', check: 'length(body) <= 40000' } }),
    clean: ['alter table public.messages drop constraint short'],
  },
  {
    name: 'setNotNull',
    holds: 'has read',
    naively: ['alter table public.messages alter column created_at set not null'],
    ours: async (url) => await schemaChange(url, { set_not_null: { table, column: 'created_at' } }),
    clean: ['alter table public.messages alter column created_at drop not null'],
  },
  {
    name: 'addIndex',
    holds: 'has read',
    naively: ['create index by_time on public.messages (conversation_id, created_at)'],
    ours: async (url) =>
      await schemaChange(url, {
        add_index: { table, columns: ['conversation_id', 'created_at'], name: 'by_time' },
      }),
    clean: ['drop index public.by_time'],
  },
];
