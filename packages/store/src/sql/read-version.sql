select version from crossfade.schema_version
