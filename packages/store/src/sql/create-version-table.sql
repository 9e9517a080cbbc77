-- IF NOT EXISTS asks for the right to create one also where it is there.
do $$ begin
  if to_regnamespace('crossfade') is null then create schema crossfade; end if;
end $$;
create table if not exists crossfade.schema_version (
  only_row boolean primary key default true check (only_row),
  version integer not null
);
insert into crossfade.schema_version (version) values (0) on conflict do nothing
