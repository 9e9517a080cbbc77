import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { api } from '../api/endpoints.ts';
import { onSignedOut, Refused } from '../api/request.ts';
import type { Me } from '../api/types.ts';
import { openOutbox, tryNow } from '../outbox/browser-outbox.ts';
import { Door } from '../pages/door.tsx';
import { CatchUp } from '../sync/catch-up.ts';
import { keys } from '../sync/keys.ts';
import { Live } from '../sync/live.ts';
import { t } from '../texts/index.ts';
import { release } from '../this-release.ts';
import { MeContext, useAskedMe } from './me.ts';
import { PeopleDirectory } from './people.ts';
import { ServicesContext, type Services } from './services.ts';

/**
 * Shows what is inside to whoever is signed in, and the door to all others. Whose session ends in the middle of something comes to
 * the door, and back to where they were; what they wrote is kept meanwhile.
 */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const { data: me, error, refetch, isPending } = useAskedMe();
  const [isOut, setOut] = useState(false);
  useEffect(() => onSignedOut(() => setOut(true)), []);
  const refused = error instanceof Refused && error.status === 401;
  if ((isOut || refused) && !isPending) {
    const enter = (): void => {
      setOut(false);
      void queries.invalidateQueries();
      void refetch();
      tryNow();
    };
    return <Door wasIn={me !== undefined} onIn={enter} />;
  }
  if (me === undefined) return <NotYet error={error} onAgain={() => void refetch()} />;
  return (
    <MeContext value={me}>
      <Look me={me} />
      <release.Timings />
      <WithServices key={me.user.id} me={me} onSessionEnded={() => setOut(true)}>
        {children}
      </WithServices>
    </MeContext>
  );
}

interface WithServicesProps {
  readonly me: Me;
  readonly onSessionEnded: () => void;
  readonly children: ReactNode;
}

function WithServices({ me, onSessionEnded, children }: WithServicesProps) {
  const queries = useQueryClient();
  const [services, setServices] = useState<Services>();
  const userId = me.user.id;
  useEffect(() => {
    const catchUp = new CatchUp(queries, api);
    const people = new PeopleDirectory();
    people.note([me.user]);
    const { outbox, close } = openOutbox(userId, (message) => catchUp.put(message));
    const live = new Live(queries, catchUp, onSessionEnded);
    setServices({ queries, catchUp, live, outbox, people });
    return () => {
      live.close();
      close();
      // Nothing of one person stays for another.
      queries.removeQueries({
        predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] && queryKey[0] !== keys.workspace[0],
      });
    };
    // A new name, or new flags, are no reason to connect anew.
  }, [queries, userId]);
  return services === undefined ? null : <ServicesContext value={services}>{children}</ServicesContext>;
}

/** Theme and reading face are properties of the whole page. */
function Look({ me: { settings } }: { readonly me: Me }) {
  const { theme, reading } = settings;
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === 'light' || theme === 'dark') dataset['theme'] = theme;
    else delete dataset['theme'];
    if (reading === 'sans') dataset['reading'] = 'sans';
    else delete dataset['reading'];
  }, [theme, reading]);
  return null;
}

function NotYet({ error, onAgain }: { readonly error: Error | null; readonly onAgain: () => void }) {
  if (error === null) return null;
  return (
    <div className="door">
      <main>
        <div className="frame">
          <h1>{t.strips.reconnecting}</h1>
          <p className="lede">{error.message}</p>
          <div className="do">
            <button type="button" className="btn btn-solid" onClick={onAgain}>
              {t.talk.tryAgain}
            </button>
          </div>
        </div>
      </main>
    </div>
  );
}
