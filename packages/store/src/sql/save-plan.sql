insert into crossfade.plans (digest, files) values ($1, $2) on conflict do nothing
