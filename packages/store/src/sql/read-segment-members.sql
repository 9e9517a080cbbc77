select targeting_key from crossfade.segment_members where segment = $1
