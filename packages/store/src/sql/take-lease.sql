-- A holder that asks again (its answer was lost, or it has stepped down) gets a new token, which fences its older self.
update crossfade.lease
set holder = $1, token = token + 1, expires_at = clock_timestamp() + $2 * interval '1 millisecond'
where holder is null or expires_at <= clock_timestamp() or holder = $1
returning token
