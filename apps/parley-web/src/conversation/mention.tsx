import { useMe } from '../app/me.ts';
import { usePersonName } from '../app/people.ts';

/** A person who is meant; whoever reads their own name sees that it is theirs. */
export function Mention({ userId }: { readonly userId: string }) {
  const me = useMe();
  const name = usePersonName(userId);
  return (
    <span className={userId === me.user.id ? 'mention self' : 'mention'} dir="auto">
      @{name}
    </span>
  );
}
