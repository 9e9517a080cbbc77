-- Apart from lock-head, so that the clock is read after the wait for the lock.
select
  floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms,
  (select token from crossfade.lease where holder is not null and expires_at > clock_timestamp()) as leader_token,
  (select coalesce(max(revision), 0) from crossfade.flag_documents) as flag_revision
