select to_regclass('crossfade.exposures') is not null as exists
