import type { TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import type { Right, RightNeed } from './rights-needed.ts';

interface MissingRight {
  readonly right: Right;
  readonly line: number;
  readonly role: string;
  /** Of the table, or of the schema in which something is to be created. */
  readonly name: string;
  readonly owner: string;
}

/** What the role may not do of all that it needs, one line each. What is not there yet will be ours. */
export async function missingRights(
  connection: TargetConnection,
  file: string,
  needs: readonly RightNeed[],
): Promise<readonly string[]> {
  const { rows } = await connection.query<MissingRight>(question, [
    needs.map(({ right }) => right),
    needs.map(({ line }) => line),
    needs.map(({ relation: { schema } }) => schema),
    needs.map(
      ({ relation: { schema, name } }) =>
        (schema === null ? '' : `${quoteIdentifier(schema)}.`) + quoteIdentifier(name),
    ),
  ]);
  return rows.map((missing) => `${file}:${missing.line}: ${sentence(missing)}`);
}

/** An index lies in the schema of its table. Members of the owner may do what the owner may, and superusers everything. */
const question = `
  with needed as (
    select * from unnest($1::text[], $2::integer[], $3::text[], $4::text[]) as n ("right", line, schema, name)
  ), tables as (
    select n."right", n.line, c.oid, c.relowner, s.nspowner, format('%I.%I', s.nspname, c.relname) as name
      from needed n join pg_class c on c.oid = to_regclass(n.name) join pg_namespace s on s.oid = c.relnamespace
     where n."right" <> 'create'
  ), schemas as (
    select n.line, s.oid, s.nspowner, s.nspname
      from needed n join pg_namespace s on s.nspname = coalesce(n.schema, current_schema())
     where n."right" = 'create'
  ), missing as (
    select "right", line, name, relowner as owner from tables
     where not case "right"
             when 'own' then pg_has_role(relowner, 'USAGE')
             when 'drop' then pg_has_role(relowner, 'USAGE') or pg_has_role(nspowner, 'USAGE')
             when 'references' then has_any_column_privilege(oid, 'REFERENCES')
             else has_table_privilege(oid, 'TRIGGER') end
    union all
    select 'create', line, quote_ident(nspname), nspowner from schemas where not has_schema_privilege(oid, 'CREATE')
  )
  select "right", line, current_user::text as role, name, pg_get_userbyid(owner)::text as owner
    from missing order by line, name`;

function sentence({ right, role, name, owner }: MissingRight): string {
  const grantee = quoteIdentifier(role);
  if (right === 'create') {
    return `role "${role}" may not create anything in schema ${name}: grant create on schema ${name} to ${grantee}`;
  }
  if (right === 'references') {
    return `role "${role}" may not let foreign keys point to ${name}: grant references on ${name} to ${grantee}`;
  }
  if (right === 'trigger') {
    return `role "${role}" may not create a trigger on ${name}: grant trigger on ${name} to ${grantee}`;
  }
  return (
    `role "${role}" may not ${right === 'own' ? 'change' : 'drop'} ${name}, which "${owner}" owns: ` +
    `grant ${quoteIdentifier(owner)} to ${grantee}, or use a role that is a member of it`
  );
}
