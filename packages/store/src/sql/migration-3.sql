-- What people are told while steps are at work. Applications show those that were shown lately: a leader that has died takes
-- nothing back.
create table crossfade.notices (
  step_id text primary key,
  title text not null,
  text text not null,
  -- 0 to 1; null where nobody knows.
  progress double precision,
  started_at timestamptz not null default now(),
  shown_at timestamptz not null default now()
);
