import { useSyncExternalStore } from 'react';
import { usePersonName } from '../app/people.ts';
import { useMe } from '../app/me.ts';
import { useServices } from '../app/services.ts';
import { t } from '../texts/index.ts';
import { Avatar } from '../ui/avatar.tsx';

/** Who writes here now. Its line is kept free, so that nothing moves when somebody begins. */
export function Typing({ conversationId }: { readonly conversationId: string }) {
  const { live } = useServices();
  const me = useMe();
  const { typing } = useSyncExternalStore(live.subscribe, live.state);
  const writers = typing.filter((one) => one.conversationId === conversationId && one.userId !== me.user.id);
  const [first] = writers;
  return (
    <div className="typing frame">
      {first !== undefined && <Writer id={first.userId} count={writers.length} />}
    </div>
  );
}

function Writer({ id, count }: { readonly id: string; readonly count: number }) {
  const name = usePersonName(id);
  return (
    <>
      <div className="who">
        <span className="nm">{count > 1 ? t.talk.severalWriting(count) : name}</span>
        <Avatar id={id} name={name} />
      </div>
      <span className="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span className="sr" role="status">
        {count > 1 ? t.talk.severalWriting(count) : t.talk.writing(name)}
      </span>
    </>
  );
}
