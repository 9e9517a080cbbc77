update crossfade.lease set holder = null, expires_at = '-infinity' where token = $1
