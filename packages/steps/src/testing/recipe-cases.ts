import { catalogDigest } from '../schema/catalog-digest.ts';
import type { TargetConnection } from '@crossfade/engine';

const longTable = `${'a_very_long_name_'.repeat(3)}of_a_table`;

export const recipeTables = `
  create schema "Old Data";
  create table people (id bigint primary key, email text);
  create table messages (id bigint primary key, person_id bigint, body text, number bigint not null);
  create table "Old Data"."My Table" ("Person Id" bigint, "order" text, id integer not null);
  create table nothing_in_it (id bigint primary key, body text, person_id bigint);
  create table events (at integer not null, person_id bigint, body text) partition by range (at);
  create table events_1 partition of events for values from (0) to (100);
  create table "Old Data"."Events 2" partition of events for values from (100) to (200) partition by range (at);
  create table events_21 partition of "Old Data"."Events 2" for values from (100) to (150);
  create table ${longTable} (a_very_long_name_of_a_column_of_that_table bigint, b bigint);
  create type mood as enum ('glad', 'sad');
  insert into people values (1, 'a@example.org'), (2, null);
  insert into messages select n, 1, 'hello ' || n, n from generate_series(1, 300) n;
  insert into "Old Data"."My Table" values (1, 'x', 7);
  insert into events select n, 1, 'event ' || n from generate_series(0, 149) n;
  analyze messages;
`;

export interface RecipeCase {
  readonly change: object;
  /** What is there afterwards, as the catalogue tells it. */
  readonly makes: readonly (readonly [string, RegExp])[];
  /** The oldest Postgres that can do it. */
  readonly from?: number;
  /** Other names for statements that another case cuts off. */
  readonly sameStatements?: true;
  /** It has so many statements that it is cut off after every third. */
  readonly isLong?: true;
}

export const recipeCases: Readonly<Record<string, RecipeCase>> = {
  'an index': {
    sameStatements: true,
    change: { add_index: { table: 'messages', columns: ['person_id', 'id'] } },
    makes: [['index public.messages_person_id_id_idx', /\(person_id, id\)$/]],
  },
  'an index of an expression over some rows': {
    sameStatements: true,
    change: {
      add_index: {
        table: 'messages',
        expressions: ['lower(body) text_pattern_ops', 'id desc'],
        where: 'person_id is not null',
        include: ['number'],
        method: 'btree',
        name: 'by_body',
      },
    },
    makes: [['index public.by_body', /lower\(body\) text_pattern_ops, id DESC.*INCLUDE \(number\) WHERE/]],
  },
  'an index with names that need quotes, in another schema': {
    sameStatements: true,
    change: {
      add_index: { table: '"Old Data"."My Table"', columns: ['"Person Id"', 'order'], unique: true },
    },
    makes: [['index "Old Data"."My Table_Person Id_order_idx"', /UNIQUE.*\("Person Id", "order"\)$/]],
  },
  'an index of a table and a column with long names': {
    sameStatements: true,
    change: { add_index: { table: longTable, columns: ['a_very_long_name_of_a_column_of_that_table', 'b'] } },
    makes: [['index public.a_very_long_name_a_very_long__a_very_long_name_of_a_column__idx', /valid|INDEX/]],
  },
  'an index on a partitioned table': {
    isLong: true,
    change: { add_index: { table: 'events', columns: ['person_id'] } },
    makes: [
      ['index public.events_person_id_idx', /ON ONLY public\.events USING btree \(person_id\)$/],
      ['index public.events_1_person_id_idx', /\(person_id\)$/],
      ['index "Old Data"."Events 2_person_id_idx"', /\(person_id\)$/],
      ['index public.events_21_person_id_idx', /\(person_id\)$/],
    ],
  },
  'NOT NULL': {
    change: { set_not_null: { table: 'messages', column: 'body' } },
    makes: [['column public.messages.body', /^text not null$/]],
  },
  'NOT NULL of a column in quotes': {
    sameStatements: true,
    change: { set_not_null: { table: '"Old Data"."My Table"', column: 'order' } },
    makes: [['column "Old Data"."My Table"."order"', /^text not null$/]],
  },
  'NOT NULL on a partitioned table': {
    sameStatements: true,
    change: { set_not_null: { table: 'events', column: 'body' } },
    makes: [['column public.events_21.body', /^text not null$/]],
  },
  'a check': {
    sameStatements: true,
    change: { add_check: { table: 'messages', name: '"not too long"', check: 'length(body) < 50' } },
    makes: [['constraint public.messages."not too long"', /^c CHECK/]],
  },
  'a check on a partitioned table': {
    sameStatements: true,
    change: { add_check: { table: 'events', name: 'short', check: 'length(body) < 50' } },
    makes: [['constraint public.events_21.short', /^c CHECK/]],
  },
  'a foreign key': {
    sameStatements: true,
    change: {
      add_foreign_key: {
        table: 'messages',
        columns: ['person_id'],
        references: { table: 'people', columns: ['id'] },
        on_delete: 'set null',
        deferrable: true,
      },
    },
    makes: [
      [
        'constraint public.messages.messages_person_id_fkey',
        /^f FOREIGN KEY \(person_id\) REFERENCES people\(id\) ON DELETE SET NULL DEFERRABLE$/,
      ],
    ],
  },
  'a foreign key of a partitioned table': {
    change: {
      add_foreign_key: {
        table: 'events',
        columns: ['person_id'],
        references: { table: 'public.people', columns: ['id'] },
      },
    },
    makes: [
      ['constraint public.events.events_person_id_fkey', /^f FOREIGN KEY/],
      ['constraint public.events_21.events_person_id_fkey', /^f FOREIGN KEY/],
    ],
  },
  'a unique column': {
    change: { add_unique: { table: 'messages', columns: ['number'] } },
    makes: [
      ['constraint public.messages.messages_number_key', /^u UNIQUE/],
      ['index public.messages_number_key', /UNIQUE/],
    ],
  },
  'a unique column of an empty table': {
    sameStatements: true,
    change: { add_unique: { table: 'nothing_in_it', columns: ['body', 'person_id'], name: '"Once Only"' } },
    makes: [['constraint public.nothing_in_it."Once Only"', /^u UNIQUE/]],
  },
  'unique columns of a partitioned table': {
    isLong: true,
    change: { add_unique: { table: 'events', columns: ['at', 'person_id'] } },
    makes: [
      ['constraint public.events.events_at_person_id_key', /^u UNIQUE/],
      ['constraint public.events_21.events_21_at_person_id_key', /^u UNIQUE/],
    ],
  },
  'a column': {
    sameStatements: true,
    change: { add_column: { table: 'messages', column: 'note', type: 'text' } },
    makes: [['column public.messages.note', /^text$/]],
  },
  'a column with one value for all': {
    sameStatements: true,
    change: {
      add_column: {
        table: 'messages',
        column: 'state',
        type: 'varchar(10)',
        default: `'open'`,
        not_null: true,
      },
    },
    makes: [['column public.messages.state', /^character varying\(10\) not null default 'open'/]],
  },
  'a column with a value for each': {
    change: { add_column: { table: 'events', column: '"Key"', type: 'uuid', default: 'gen_random_uuid()' } },
    makes: [
      ['column public.events."Key"', /^uuid default gen_random_uuid\(\)$/],
      ['column public.events_21."Key"', /^uuid default gen_random_uuid\(\)$/],
    ],
  },
  'an identity': {
    change: { add_identity: { table: 'messages', column: 'number' } },
    makes: [['column public.messages.number', /^bigint not null d$/]],
  },
  'an identity that is always given': {
    sameStatements: true,
    change: { add_identity: { table: '"Old Data"."My Table"', column: 'id', always: true } },
    makes: [['column "Old Data"."My Table".id', /^integer not null a$/]],
  },
  'an identity of a partitioned table': {
    sameStatements: true,
    change: { add_identity: { table: 'events', column: 'at' } },
    makes: [['column public.events.at', /^integer not null d$/]],
    from: 17,
  },
};

/** What is not there as it should be, or is not proven. */
export async function wrongWith(
  connection: TargetConnection,
  makes: RecipeCase['makes'],
): Promise<readonly string[]> {
  const { objects } = await catalogDigest(connection);
  const other = makes.filter(([name, definition]) => !definition.test(objects[name] ?? ''));
  const unproven = Object.entries(objects).filter(([, told]) => / invalid|not valid/.test(told));
  return [...other.map(([name]) => `${name}: ${objects[name]}`), ...unproven.map(([name]) => name)];
}
