select seq, hash from crossfade.head
