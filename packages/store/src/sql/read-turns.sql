-- Who had a flag on, and was answered something else by later flags. Of each answer only the first and the last revision are
-- kept, so that somebody may have lost a flag twice: with the first other answer, and with the last one after having it back.
with others as (
  select flag, targeting_key, first_revision, last_revision, recorded_at
  from crossfade.exposures
  where variant <> 'on' and last_revision >= $1::bigint and first_revision <= $2::bigint
),
overridden as (
  select flag, targeting_key from unnest($4::text[], $5::text[]) as given (flag, targeting_key)
),
-- A million people went by a few dozen revisions: what follows is asked of these alone.
answered as (
  select flag, a.first_revision as first_on, a.last_revision as last_on, b.first_revision as first_off,
    b.last_revision as last_off, count(*) as people
  from crossfade.exposures as a
  join others as b using (flag, targeting_key)
  where a.variant = 'on' and b.last_revision > a.first_revision
    and greatest(a.recorded_at, b.recorded_at) <= to_timestamp($3::float8 / 1000)
    and not exists (
      select from overridden as o where o.flag = b.flag and o.targeting_key = b.targeting_key
    )
  group by 1, 2, 3, 4, 5
),
turned as (
  select flag, people, array_agg(array[on_revision, off_revision] order by on_revision, off_revision) as losses
  from answered
  cross join lateral (select first_off union select last_off) as o (off_revision)
  -- Somebody who had it on later as well may have lost it any time since they had it first.
  cross join lateral (select case when last_on < off_revision then last_on else first_on end) as n (on_revision)
  where on_revision < off_revision
    -- What was lost before the span, or after it, is none of its doing.
    and off_revision between $1::bigint and $2::bigint
    -- Where it was off in between, it was lost by then: nothing later explains that.
    and not (on_revision < first_off and first_off < off_revision)
  group by flag, people, first_on, last_on, first_off, last_off
)
select flag, to_json(turned.losses)::text as losses, sum(people) as people
from turned
group by flag, turned.losses
order by flag, turned.losses
