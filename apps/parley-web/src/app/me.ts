import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { api } from '../api/endpoints.ts';
import type { Me, Settings } from '../api/types.ts';
import { keys } from '../sync/keys.ts';

export const MeContext = createContext<Me | undefined>(undefined);

/** Who is signed in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === undefined) throw new Error('useMe: expected to be inside of a signed-in page');
  return me;
}

/** Who is signed in; its error says when nobody is. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: async ({ signal }) => await api.me(signal),
  staleTime: 60_000,
});

export const useAskedMe = () => useQuery(meQuery);

/** Changes some settings, here at once and on the server after that. */
export function useChangeSettings(): (changed: Partial<Settings>) => Promise<void> {
  const queries = useQueryClient();
  return async (changed) => {
    const known = queries.getQueryData<Me>(keys.me);
    if (known === undefined) return;
    const settings: Settings = { ...known.settings, ...changed };
    queries.setQueryData<Me>(keys.me, { ...known, settings });
    await api.keepSettings(settings);
  };
}
