with entries as (
  insert into crossfade.journal (seq, run_id, at_ms, actor, body, previous, hash)
  select *
  from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
),
published as (
  insert into crossfade.flag_documents (revision, digest, document)
  select $10::bigint, $11::text, $12::text
  where $10::bigint is not null
)
update crossfade.head
set seq = $8::bigint, hash = $9::text
returning
  pg_notify('crossfade_journal', seq::text),
  case when $10::bigint is not null then pg_notify('crossfade_flags', $10::text) end
