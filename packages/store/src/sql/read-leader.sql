select holder, token, ceil(extract(epoch from expires_at - clock_timestamp()) * 1000)::bigint as expires_in_ms
from crossfade.lease
where holder is not null and expires_at > clock_timestamp()
