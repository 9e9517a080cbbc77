-- The share lock on the lease keeps a successor out until this append has ended: no entry can be written by a leader
-- after the next one has begun.
select head.seq, head.hash
from crossfade.head, crossfade.lease
for update of head
for share of lease
