with told as (
  select distinct flag, targeting_key
  from crossfade.exposures
  where last_revision >= $1::bigint and first_revision <= $2::bigint
    and recorded_at <= to_timestamp($3::float8 / 1000)
)
select null as segment, flag, count(*) as people
from told
group by flag
union all
select segment, flag, count(*)
from told join crossfade.segment_members using (targeting_key)
where since <= to_timestamp($3::float8 / 1000)
group by segment, flag
order by 1 nulls first, 2
