-- A person has one row for a flag and a variant, so that these counts may be added up. Segment null: everybody.
with told as (
  select flag, targeting_key, variant, first_revision, least(last_revision, $2::bigint) as last_revision
  from crossfade.exposures
  where last_revision >= $1::bigint and first_revision <= $2::bigint
    and recorded_at <= to_timestamp($3::float8 / 1000)
)
select null as segment, flag, variant, first_revision, last_revision, count(*) as people
from told
group by flag, variant, first_revision, last_revision
union all
select segment, flag, variant, first_revision, last_revision, count(*)
from told join crossfade.segment_members using (targeting_key)
where since <= to_timestamp($3::float8 / 1000)
group by segment, flag, variant, first_revision, last_revision
order by 1 nulls first, 2, 3, 4, 5
