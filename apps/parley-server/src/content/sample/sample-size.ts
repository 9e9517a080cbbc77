import type { ClientBase } from 'pg';
import type { SampleSize } from './generate-sample.ts';

const READ = `SELECT raw_user_meta_data ->> 'sample' AS size FROM auth.users WHERE id = $1`;

const KEEP = `
  UPDATE auth.users SET raw_user_meta_data = raw_user_meta_data || jsonb_build_object('sample', $2::text)
  WHERE id = $1 AND NOT raw_user_meta_data ? 'sample'`;

/**
 * The messages of a sample are numbered, and another size numbers others: mixed they would make no sense.
 * So a sample's first person carries the size; throws when that person is stored with another one.
 */
export async function refuseOtherSize(client: ClientBase, personId: string, size: SampleSize): Promise<void> {
  const kept = await client.query<{ size: string | null }>(READ, [personId]);
  const before = kept.rows[0]?.size ?? inWords(size);
  if (before === inWords(size)) return;
  throw new Error(
    `sample: this database has the sample of seed ${size.seed} with ${before}; ` +
      `expected the same size, or another seed for ${inWords(size)}`,
  );
}

export async function keepSize(client: ClientBase, personId: string, size: SampleSize): Promise<void> {
  await client.query(KEEP, [personId, inWords(size)]);
}

function inWords({ messages, people }: SampleSize): string {
  return `${messages} messages by ${people} people`;
}
