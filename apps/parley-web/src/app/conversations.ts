import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints.ts';
import type { Conversation } from '../api/types.ts';
import { keys } from '../sync/keys.ts';

/** All of this person's, the one in which somebody wrote last first. */
export const conversationsQuery = queryOptions({
  queryKey: keys.conversations,
  queryFn: async () => (await api.conversations()).conversations,
  staleTime: 30_000,
});

export const useConversations = () => useQuery(conversationsQuery);

/** Where nobody has chosen: the one in which somebody wrote last. None on a phone, which begins with the list. */
export function firstToOpen(conversations: readonly Conversation[] | undefined): Conversation | undefined {
  const isPhone = window.matchMedia('(width < 48rem)').matches;
  return isPhone ? undefined : conversations?.find(({ muted }) => !muted);
}
