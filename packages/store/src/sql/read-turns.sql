-- Who had a flag on, and was answered something else by later flags. Of an answer that was last given after the span, only the
-- first is known to be in it.
with others as (
  select flag, targeting_key, recorded_at, first_revision,
    case when last_revision <= $2::bigint then last_revision else first_revision end as off_revision
  from crossfade.exposures
  where variant <> 'on' and last_revision >= $1::bigint and first_revision <= $2::bigint
)
select a.flag, a.first_revision as on_revision, b.off_revision, count(*) as people
from crossfade.exposures as a
join others as b using (flag, targeting_key)
where a.variant = 'on' and b.off_revision > a.first_revision
  and greatest(a.recorded_at, b.recorded_at) <= to_timestamp($3::float8 / 1000)
group by 1, 2, 3
order by 1, 2, 3
