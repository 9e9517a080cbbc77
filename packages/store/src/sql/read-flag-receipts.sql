select revision, process, floor(extract(epoch from applied_at) * 1000)::bigint as at_ms
from crossfade.flag_receipts
where revision between $1::bigint and $2::bigint and recorded_at <= to_timestamp($3::float8 / 1000)
order by revision, process
