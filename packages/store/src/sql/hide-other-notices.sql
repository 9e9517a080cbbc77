delete from crossfade.notices where step_id <> all ($1::text[])
