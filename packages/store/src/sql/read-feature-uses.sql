select event, count(*) as people
from crossfade.feature_uses
where last_at >= to_timestamp($1::float8 / 1000) and recorded_at <= to_timestamp($2::float8 / 1000)
group by event
order by event
