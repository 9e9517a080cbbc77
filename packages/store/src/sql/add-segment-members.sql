insert into crossfade.segment_members (segment, targeting_key)
select $1, key from unnest($2::text[]) as key
on conflict do nothing
