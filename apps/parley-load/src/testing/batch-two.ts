import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { FEATURES } from '../feature-use.ts';

const SQL = new URL('../../../../plans/batch-2/sql/', import.meta.url);
const FILES = ['002_add_encryption_tables.sql', '003_add_audit_logs.sql', '004_add_message_search.sql'];

/** The parts of the Batch 2 plan that people come to see, applied without Crossfade. */
export async function applyBatchTwo(client: pg.Client): Promise<void> {
  for (const file of FILES) {
    const [forward = ''] = (await readFile(new URL(file, SQL), 'utf8')).split('-- crossfade:undo');
    await client.query(forward);
  }
  await client.query('update public.messages set body = body');
}

/** Publishes all features as on or off for everybody, as Crossfade's store would. */
export async function publishFlags(client: pg.Client, revision: number, isOn: boolean): Promise<void> {
  const flag = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: isOn ? 'on' : 'off' };
  const queryCache = { state: 'ENABLED', variants: { value: 90 }, defaultVariant: 'value' };
  const flags = { ...Object.fromEntries(FEATURES.map((key) => [key, flag])), query_cache_share: queryCache };
  const document = JSON.stringify({ flags });
  await client.query(`
    create schema if not exists crossfade;
    create table if not exists crossfade.flag_documents (revision bigint primary key, digest text, document text);
    create table if not exists crossfade.segment_members (segment text, targeting_key text);
  `);
  const digest = createHash('sha256').update(document, 'utf8').digest('hex');
  await client.query('insert into crossfade.flag_documents values ($1, $2, $3)', [
    revision,
    digest,
    document,
  ]);
  await client.query('notify crossfade_flags');
}
