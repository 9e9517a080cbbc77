-- The journal is the truth: it can only grow.
create table crossfade.journal (
  seq bigint primary key,
  run_id text not null,
  at_ms bigint not null,
  actor text not null,
  -- Canonical JSON of {runId, actor, atMs, event}, exactly as it was hashed. Text, since jsonb would rewrite it.
  body text not null,
  previous text not null,
  hash text not null
);

create function crossfade.refuse_journal_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception 'crossfade.journal only grows: % refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create trigger journal_rows_stay before update or delete on crossfade.journal
for each row execute function crossfade.refuse_journal_change();

create trigger journal_stays before truncate on crossfade.journal
for each statement execute function crossfade.refuse_journal_change();

-- One row. Whoever appends locks it first, so that the journal is one line and not a tree.
create table crossfade.head (
  only_row boolean primary key default true check (only_row),
  seq bigint not null,
  hash text not null
);

-- One row. The token never shrinks, also not when nobody holds the lease.
create table crossfade.lease (
  only_row boolean primary key default true check (only_row),
  holder text,
  token bigint not null,
  expires_at timestamptz not null
);

create table crossfade.plans (
  digest text primary key,
  -- JSON object: path relative to the plan's folder -> content.
  files text not null,
  saved_at timestamptz not null default now()
);

-- What the application evaluates; the newest revision counts.
create table crossfade.flag_documents (
  revision bigint primary key,
  digest text not null,
  document text not null,
  published_at timestamptz not null default now()
);

create table crossfade.segment_members (
  segment text not null,
  targeting_key text not null,
  primary key (segment, targeting_key)
);

insert into crossfade.lease (holder, token, expires_at) values (null, 0, '-infinity');
