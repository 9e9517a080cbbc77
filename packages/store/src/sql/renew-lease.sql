update crossfade.lease
set expires_at = clock_timestamp() + $2 * interval '1 millisecond'
where token = $1 and holder is not null
