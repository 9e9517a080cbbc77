import { useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints.ts';
import { keys } from '../sync/keys.ts';

/** The first hundred: all of them in the conversations where it matters who is who. */
export function useMembers(conversationId: string, isWanted = true) {
  return useQuery({
    queryKey: keys.members(conversationId),
    queryFn: async () => (await api.members(conversationId)).members,
    enabled: isWanted,
    staleTime: 60_000,
  });
}
