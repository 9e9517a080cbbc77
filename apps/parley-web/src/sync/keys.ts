/** By what TanStack Query knows each thing. */
export const keys = {
  me: ['me'] as const,
  workspace: ['workspace'] as const,
  conversations: ['conversations'] as const,
  timeline: (conversationId: string) => ['timeline', conversationId] as const,
  thread: (rootId: string) => ['thread', rootId] as const,
  members: (conversationId: string) => ['members', conversationId] as const,
  pins: (conversationId: string) => ['pins', conversationId] as const,
  people: (ids: readonly string[]) => ['people', ...ids] as const,
  presence: (ids: readonly string[]) => ['presence', ...ids] as const,
  notifications: ['notifications'] as const,
  notices: ['notices'] as const,
  ratings: ['ratings'] as const,
  sessions: ['sessions'] as const,
};
