-- Who had a flag on, and was answered something else by later flags. Of an answer that was last given after the span, only the
-- first is known to be in it. Somebody who had it on later as well may have lost it any time since they had it first.
with others as (
  select flag, targeting_key, recorded_at,
    case when last_revision <= $2::bigint then last_revision else first_revision end as off_revision
  from crossfade.exposures
  where variant <> 'on' and last_revision >= $1::bigint and first_revision <= $2::bigint
),
overridden as (
  select flag, targeting_key from unnest($4::text[], $5::text[]) as given (flag, targeting_key)
),
turned as (
  select flag, b.off_revision,
    case when a.last_revision < b.off_revision then a.last_revision else a.first_revision end as on_revision
  from crossfade.exposures as a
  join others as b using (flag, targeting_key)
  where a.variant = 'on' and b.off_revision > a.first_revision
    and greatest(a.recorded_at, b.recorded_at) <= to_timestamp($3::float8 / 1000)
    and not exists (
      select from overridden as o where o.flag = b.flag and o.targeting_key = b.targeting_key
    )
)
select flag, on_revision, off_revision, count(*) as people
from turned
group by 1, 2, 3
order by 1, 2, 3
