import { quoteIdentifier } from '../sql/identifiers.ts';

export interface KeyColumn {
  readonly name: string;
  /** `uuid`, `character varying`: as Postgres calls it, without a length. */
  readonly type: string;
}

/** How rows are told apart, in SQL over the table; a key of several columns is written as a JSON array of their texts. */
export interface RowKey {
  readonly columns: readonly KeyColumn[];
  /** The key of a row as one text. */
  readonly asText: string;
  /** The same where the columns of the key are those of something else, such as a subquery. */
  asTextIn(name: string): string;
  /** The columns by name alone. */
  readonly names: string;
  /** What rows are ordered by: `"messages"."id"`, or `("things"."tenant", "things"."id")`. */
  readonly expression: string;
  /** The parts of the key, with commas between them, as ORDER BY wants them. */
  readonly list: string;
  /** The key that a text stands for: `$1::uuid`. */
  fromText(text: string): string;
  /** True of rows whose key is in a parameter that is an array of texts. */
  among(parameter: string): string;
}

/** `table`: quoted. */
export function rowKeyOf(table: string, columns: readonly KeyColumn[]): RowKey {
  const list = columnsIn(table, columns).join(', ');
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const asTextIn = (name: string): string => textOf(columnsIn(name, columns));
  const texts = { names, asText: asTextIn(table), asTextIn };
  const [only] = columns;
  if (columns.length === 1 && only) {
    return {
      ...texts,
      columns,
      list,
      expression: list,
      fromText: (text) => `${text}::${only.type}`,
      among: (parameter) => `${list} = any(${parameter}::text[]::${only.type}[])`,
    };
  }
  const parts = (text: string): string =>
    columns.map(({ type }, at) => `(${text}::jsonb->>${at})::${type}`).join(', ');
  return {
    ...texts,
    columns,
    list,
    expression: `(${list})`,
    fromText: (text) => `(${parts(text)})`,
    among: (parameter) => `(${list}) in (select ${parts('k')} from unnest(${parameter}::text[]) as k)`,
  };
}

function columnsIn(name: string, columns: readonly KeyColumn[]): readonly string[] {
  return columns.map((column) => `${name}.${quoteIdentifier(column.name)}`);
}

function textOf(columns: readonly string[]): string {
  const texts = columns.map((column) => `${column}::text`);
  return texts.length === 1 ? texts.join('') : `jsonb_build_array(${texts.join(', ')})::text`;
}
