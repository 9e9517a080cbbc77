select hash from crossfade.journal where seq = $1
