import { TerminalError } from '@crossfade/engine';
import type { ExplainGround, ExplainedPart, Explanation } from '../explains.ts';
import { explainPart } from '../schema/explain/explain-part.ts';
import { parseStatements } from '../sql/parse-statements.ts';
import { expandColumns } from './column-phases.ts';
import type { ReshapeConfig } from './config.ts';
import type { PhaseSql } from './phase-sql.ts';
import { resolveShape, type Shape } from './shape.ts';
import { readTableFacts, type ColumnFacts, type TableFacts } from './table-facts.ts';
import { expandTable, linkTable, swapTables } from './table-phases.ts';

/** What a change of shape will do on the server, part by part. */
export async function explainReshape(
  config: ReshapeConfig,
  { asked }: ExplainGround,
): Promise<readonly Explanation[]> {
  const notes =
    'query' in asked
      ? []
      : ['Told for the columns that the plan names: the table has others, which are kept.'];
  try {
    const facts =
      'query' in asked ? await readTableFacts(asked, config.table, schemasOf(config)) : imagined(config);
    return partsOf(resolveShape(config, facts), notes);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return [{ servers: null, apply: nothing, undo: nothing, notes: [], refused: error.message }];
  }
}

const schemasOf = ({ views }: ReshapeConfig): string[] =>
  [views?.old, views?.new].filter((schema) => schema !== undefined);

const nothing: ExplainedPart = { statements: [], together: true };

function partsOf(shape: Shape, notes: readonly string[]): readonly Explanation[] {
  const { config } = shape;
  const rows = `Then the rows that are there are ${config.rewrite ? 'copied' : 'filled'} in batches of ${config.batch_size}, each row locked while it is, and every row's two shapes are compared.`;
  const expand = config.rewrite ? expandTable(shape) : expandColumns(shape);
  const first = explained('lays the new shape beside the old one', expand, [...notes, rows]);
  if (!config.rewrite || config.columns.length > 0) return [first];
  const link = explained('points foreign keys at the new table, too', linkTable(shape), []);
  const swap = explained('gives the new table its name', swapTables(shape), []);
  const parts = shape.facts.foreignKeysIn.length === 0 ? [first] : [first, link];
  return [...parts, swap];
}

function explained(
  title: string,
  { apply, revert, together }: PhaseSql,
  notes: readonly string[],
): Explanation {
  return {
    title,
    servers: null,
    apply: part(apply, together),
    undo: part(revert, true),
    notes,
    refused: null,
  };
}

/** Functions by their heads: what is in them says the same as the plan's \`up\` and \`down\`, at length. */
function part(sql: string, together: boolean): ExplainedPart {
  const parsed = parseStatements(sql);
  if (!parsed.ok) throw new TerminalError(parsed.message);
  const { statements } = explainPart({ statements: parsed.statements, together });
  return {
    together,
    statements: statements.map((statement, at) => ({
      ...statement,
      line: at + 1,
      sql: headOf(statement.sql),
    })),
  };
}

function headOf(sql: string): string {
  const body = sql.indexOf('$crossfade$');
  return body < 0 ? sql : `${sql.slice(0, body).trimEnd()} …`;
}

/** Where nobody can be asked: an ordinary table with the columns that the plan names. */
function imagined({ table, key, columns }: ReshapeConfig): TableFacts {
  const [name = '', schema = 'public'] = table.split('.').toReversed();
  const named = columns.flatMap(({ from, type }) =>
    from === undefined || from === key ? [] : [column(from, type ?? 'text')],
  );
  return {
    serverVersion: 180_000,
    schema,
    name,
    owner: 'owner',
    columns: [column(key, 'bigint'), ...named],
    grants: [],
    schemaGrants: [],
    foreignKeysOut: [],
    foreignKeysIn: [],
    hasRowSecurity: false,
    isUnlogged: false,
    options: [],
    comment: null,
    uniqueColumns: [key],
    obstacles: [],
    obstaclesOfRewrite: [],
    schemas: [],
  };
}

function column(name: string, type: string): ColumnFacts {
  return {
    name,
    type,
    notNull: false,
    isGenerated: false,
    isIdentity: false,
    collation: null,
    sequence: null,
    usersWithout: [],
    default: null,
  };
}
