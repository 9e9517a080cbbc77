-- Since when somebody is in a segment: of those who were in before, since this column is there.
alter table crossfade.segment_members add column since timestamptz not null default now();

-- In the order in which members were committed, since whoever adds some locks the lease: applications ask for those after the last
-- that they know, however many there are before.
alter table crossfade.segment_members add column seq bigint generated always as identity;
create index segment_members_by_seq on crossfade.segment_members (seq);

-- For "in what is this person", which support asks.
create index segment_members_by_person on crossfade.segment_members (targeting_key);

-- What applications report. A batch that is told twice is one.
create table crossfade.telemetry_batches (
  id text primary key,
  process text not null,
  source text not null,
  dropped bigint not null,
  received_at timestamptz not null default now()
);
create index telemetry_batches_by_age on crossfade.telemetry_batches (received_at);

-- Who was answered which variant, first and last. Revisions are those of flag_documents: they order what clocks cannot.
create table crossfade.exposures (
  flag text not null,
  targeting_key text not null,
  variant text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  first_revision bigint not null,
  last_revision bigint not null,
  -- When it was first told: what a report counts does not change when something of before is told later.
  recorded_at timestamptz not null default now(),
  primary key (flag, targeting_key, variant)
);

create table crossfade.feature_uses (
  event text not null,
  targeting_key text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  uses bigint not null,
  recorded_at timestamptz not null default now(),
  primary key (event, targeting_key)
);

-- Requests of a window in which a flag was answered with this variant: lists of one length, a place for each person.
create table crossfade.person_windows (
  batch text not null references crossfade.telemetry_batches (id) on delete cascade,
  flag text not null,
  variant text not null,
  ended_at timestamptz not null,
  length_ms double precision not null,
  targeting_keys text[] not null,
  requests integer[] not null,
  failed integer[] not null,
  slow integer[] not null,
  primary key (batch, flag, variant)
);
create index person_windows_by_end on crossfade.person_windows (ended_at);

-- Since when a process of the application goes by a revision of the flags.
create table crossfade.flag_receipts (
  revision bigint not null,
  process text not null,
  applied_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (revision, process)
);
