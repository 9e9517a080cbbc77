select to_regclass('crossfade.schema_version') is not null as exists
