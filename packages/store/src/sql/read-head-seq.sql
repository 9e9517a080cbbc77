select seq from crossfade.head
