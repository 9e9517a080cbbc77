-- A page is no process of the application: it comes and goes, and tells of one person.
select process,
  floor(extract(epoch from min(received_at)) * 1000)::bigint as first_at_ms,
  floor(extract(epoch from max(received_at)) * 1000)::bigint as last_at_ms
from crossfade.telemetry_batches
where received_at between to_timestamp($1::float8 / 1000) and to_timestamp($2::float8 / 1000)
  and source not like 'client %'
group by process
order by process
