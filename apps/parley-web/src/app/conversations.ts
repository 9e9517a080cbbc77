import { useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints.ts';
import { keys } from '../sync/keys.ts';

/** All of this person's, the one in which somebody wrote last first. */
export function useConversations() {
  return useQuery({
    queryKey: keys.conversations,
    queryFn: async () => (await api.conversations()).conversations,
    staleTime: 30_000,
  });
}
