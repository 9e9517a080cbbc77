select token from crossfade.lease for share
