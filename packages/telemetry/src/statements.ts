/** In the order of their keys, so that two processes that tell of the same people do not wait for each other in a circle. */
const moment = (ageMs: string): string => `statement_timestamp() - ${ageMs} * interval '1 millisecond'`;

/** Into tables that Crossfade's store makes (packages/store/src/sql/migration-2.sql). All moments are the database's. */
export const statements = {
  tablesArePresent: `select count(*) = 1 as present
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'crossfade' and c.relname = 'telemetry_batches'`,

  insertBatch: `insert into crossfade.telemetry_batches (id, process, source, dropped) values ($1, $2, $3, $4)
    on conflict do nothing`,

  upsertExposures: `insert into crossfade.exposures as known
      (flag, targeting_key, variant, first_at, last_at, first_revision, last_revision)
    select flag, person, variant, ${moment('max(age)')}, ${moment('min(age)')}, min(revision), max(revision)
    from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::float8[]) as told (flag, person, variant, revision, age)
    group by flag, person, variant
    order by flag, person, variant
    on conflict (flag, targeting_key, variant) do update set
      first_at = least(known.first_at, excluded.first_at),
      last_at = greatest(known.last_at, excluded.last_at),
      first_revision = least(known.first_revision, excluded.first_revision),
      last_revision = greatest(known.last_revision, excluded.last_revision)`,

  upsertUses: `insert into crossfade.feature_uses as known (event, targeting_key, first_at, last_at, uses)
    select event, person, ${moment('max(age)')}, ${moment('min(age)')}, sum(uses)
    from unnest($1::text[], $2::text[], $3::bigint[], $4::float8[]) as told (event, person, uses, age)
    group by event, person
    order by event, person
    on conflict (event, targeting_key) do update set
      first_at = least(known.first_at, excluded.first_at),
      last_at = greatest(known.last_at, excluded.last_at),
      uses = known.uses + excluded.uses`,

  insertWindow: `insert into crossfade.person_windows
      (batch, flag, variant, ended_at, length_ms, targeting_keys, requests, failed, slow)
    values ($1, $2, $3, ${moment('$5::float8')}, $4, $6, $7, $8, $9)`,

  insertReceipt: `insert into crossfade.flag_receipts (revision, process, applied_at)
    values ($1, $2, ${moment('$3::float8')}) on conflict do nothing`,

  /** A few at a time; their windows go with them. */
  forgetOldWindows: `delete from crossfade.telemetry_batches where id in (
      select id from crossfade.telemetry_batches where received_at < now() - interval '2 days'
      order by received_at limit 200 for update skip locked)`,
} as const;
