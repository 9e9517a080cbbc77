update crossfade.schema_version set version = $1
