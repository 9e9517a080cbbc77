select
  coalesce(holder, '') as holder,
  greatest(0, case when expires_at = '-infinity' then 0
    else ceil(extract(epoch from expires_at - clock_timestamp()) * 1000) end)::bigint as expires_in_ms
from crossfade.lease
