select seq, body, previous, hash
from crossfade.journal
where seq > $1
order by seq
limit $2
