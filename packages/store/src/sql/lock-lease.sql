-- One at a time: what is added in the order of these locks is committed in that order, too.
select token from crossfade.lease for no key update
