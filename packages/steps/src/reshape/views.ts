import { quoteIdentifier } from '../sql/identifiers.ts';
import { lines, literal } from './phase-sql.ts';
import type { Shape, ShapeColumn } from './shape.ts';
import type { Grant } from './table-facts.ts';

/** `GRANT` for each of them, on something that stands in for the table. */
export function grantAll(
  grants: readonly Grant[],
  on: string,
  kept: (grant: Grant) => boolean = () => true,
): string[] {
  return grants.filter(kept).map(({ role, privilege, mayGrant }) => {
    const who = role === null ? 'public' : quoteIdentifier(role);
    return `grant ${privilege} on ${on} to ${who}${mayGrant ? ' with grant option' : ''}`;
  });
}

const newerThanViewsOfTheirReader = 150_000;

/** The views in which each release finds its shape under the table's own name. */
export function createViews(shape: Shape, table: { readonly old: string; readonly new: string }): string {
  const { old, new: next } = shape.config.views ?? {};
  return lines(
    old === undefined ? [] : createView(shape, old, table.old, shape.old),
    next === undefined ? [] : createView(shape, next, table.new, shape.new),
  );
}

export function dropViews(shape: Shape): string {
  const { old, new: next } = shape.config.views ?? {};
  const schemas = [old, next].filter((schema) => schema !== undefined);
  return lines(
    schemas.map((schema) => `drop view if exists ${viewName(shape, schema)}`),
    schemas.filter((schema) => !shape.facts.schemas.includes(schema)).map(dropSchemaIfEmpty),
  );
}

export function viewName({ facts }: Shape, schema: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(facts.name)}`;
}

function createView(shape: Shape, schema: string, table: string, columns: readonly ShapeColumn[]): string[] {
  const { facts } = shape;
  const view = viewName(shape, schema);
  // It must not let anybody see more than the table does.
  const asReader =
    facts.serverVersion >= newerThanViewsOfTheirReader ? ' with (security_invoker = true)' : '';
  const listed = columns.map(
    ({ name, standing }) => `${quoteIdentifier(standing)} as ${quoteIdentifier(name)}`,
  );
  return [
    `create schema if not exists ${quoteIdentifier(schema)} authorization ${quoteIdentifier(facts.owner)}`,
    `create view ${view}${asReader} as select ${listed.join(', ')} from ${table}`,
    `alter view ${view} owner to ${quoteIdentifier(facts.owner)}`,
    ...grantAll(
      facts.schemaGrants,
      `schema ${quoteIdentifier(schema)}`,
      ({ privilege }) => privilege === 'USAGE',
    ),
    ...grantAll(facts.grants, view, ({ privilege }) => ofViews.has(privilege)),
  ];
}

const ofViews = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE']);

/** Others may have put something into it meanwhile. */
function dropSchemaIfEmpty(schema: string): string {
  const body = `begin
  drop schema if exists ${quoteIdentifier(schema)};
exception when dependent_objects_still_exist then
  raise notice 'the schema is left, as it is not empty';
end`;
  return `do ${literal(body)}`;
}
