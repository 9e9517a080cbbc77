select count(*) as size from crossfade.segment_members where segment = $1
