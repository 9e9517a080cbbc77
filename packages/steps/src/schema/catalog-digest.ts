import { createHash } from 'node:crypto';
import { canonicalJson, type TargetConnection } from '@crossfade/engine';
import { attributeQueries } from './attribute-queries.ts';
import { catalogQueries } from './catalog-queries.ts';

export interface CatalogDigest {
  /** SHA-256 in hex over all objects. */
  readonly digest: string;
  /** `index public.messages_pkey` → its definition: two digests that differ can be compared object by object. */
  readonly objects: Readonly<Record<string, string>>;
}

/**
 * The schema of a database as one digest: tables, columns, constraints, indexes with their validity, triggers, policies,
 * rules, functions, sequences, enum and domain types, with their owners, rights and comments, in every schema but those of
 * Postgres, of extensions and of Crossfade.
 * Equal digests mean equal schemas; oids and the order of columns do not count.
 */
export async function catalogDigest(connection: TargetConnection): Promise<CatalogDigest> {
  const objects: Record<string, string> = {};
  for (const [kind, query] of Object.entries({ ...catalogQueries, ...attributeQueries })) {
    const { rows } = await connection.query<{ name: string; definition: string | null }>(query);
    for (const { name, definition } of rows) objects[`${kind} ${name}`] = definition ?? '';
  }
  return { digest: createHash('sha256').update(canonicalJson(objects)).digest('hex'), objects };
}
