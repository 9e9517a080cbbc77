create schema if not exists crossfade;
create table if not exists crossfade.schema_version (
  only_row boolean primary key default true check (only_row),
  version integer not null
);
insert into crossfade.schema_version (version) values (0) on conflict do nothing
