insert into crossfade.notices as n (step_id, title, text, progress)
select * from unnest($1::text[], $2::text[], $3::text[], $4::double precision[])
on conflict (step_id) do update
set title = excluded.title, text = excluded.text, progress = excluded.progress, shown_at = now(),
  -- One that nobody has shown for a while is of a leader that died, or of an earlier run.
  started_at = case when n.shown_at < now() - interval '30 seconds' then now() else n.started_at end
