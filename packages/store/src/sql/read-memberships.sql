-- "since" by its name in a row's JSON: a schema of an older Crossfade does not have it yet.
select segment, floor(extract(epoch from (to_jsonb(m) ->> 'since')::timestamptz) * 1000)::bigint as since_ms
from crossfade.segment_members as m
where targeting_key = $1
order by segment
