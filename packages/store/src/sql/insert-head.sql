insert into crossfade.head (seq, hash) values (0, $1) on conflict do nothing
