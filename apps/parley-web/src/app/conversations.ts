import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints.ts';
import { keys } from '../sync/keys.ts';

/** All of this person's, the one in which somebody wrote last first. */
export const conversationsQuery = queryOptions({
  queryKey: keys.conversations,
  queryFn: async () => (await api.conversations()).conversations,
  staleTime: 30_000,
});

export const useConversations = () => useQuery(conversationsQuery);
