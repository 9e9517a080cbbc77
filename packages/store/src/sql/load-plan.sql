select files from crossfade.plans where digest = $1
