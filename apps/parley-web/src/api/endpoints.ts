import { request } from './request.ts';
import type {
  Attachment,
  Changes,
  Channel,
  Conversation,
  Flags,
  Me,
  Member,
  Message,
  MessagePage,
  Notice,
  Notification,
  Person,
  Session,
  Settings,
} from './types.ts';

/** Where a page of messages lies. */
export interface PageOf {
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit?: number;
}

const query = (given: Readonly<Record<string, string | number | undefined>>): string => {
  const known = Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return known.length === 0 ? '' : `?${new URLSearchParams(known).toString()}`;
};
const conversation = (id: string): string => `/v1/conversations/${id}`;
const message = (id: string): string => `/v1/messages/${id}`;

/** Everything that the page asks the server, by name. */
export const api = {
  workspace: async () => await request<{ name: string; signUp: boolean }>('/v1/workspace'),
  logIn: async (email: string, password: string) =>
    await request('/v1/login', { method: 'POST', body: { email, password, cookie: true } }),
  signUp: async (given: { name: string; email: string; password: string }) =>
    await request('/v1/signup', { method: 'POST', body: { ...given, cookie: true } }),
  logOut: async () => await request('/v1/logout', { method: 'POST', body: {} }),
  sessions: async () => await request<{ sessions: Session[] }>('/v1/sessions'),
  endSession: async (id: string) => await request(`/v1/sessions/${id}`, { method: 'DELETE' }),
  endOtherSessions: async () => await request('/v1/sessions', { method: 'DELETE' }),
  changePassword: async (current: string, next: string) =>
    await request('/v1/me/password', { method: 'PUT', body: { current, next } }),

  me: async (signal?: AbortSignal) => await request<Me>('/v1/me', signal === undefined ? {} : { signal }),
  flags: async () => await request<{ flags: Flags }>('/v1/flags'),
  changeProfile: async (given: { name?: string; title?: string }) =>
    await request('/v1/me', { method: 'PATCH', body: given }),
  keepSettings: async (settings: Settings) =>
    await request<{ settings: Settings }>('/v1/me/settings', { method: 'PUT', body: settings }),
  people: async (given: { q?: string; ids?: string; limit?: number }) =>
    await request<{ people: Person[] }>(`/v1/people${query(given)}`),
  active: async (ids: readonly string[]) =>
    await request<{ active: string[] }>('/v1/presence', { method: 'POST', body: { ids } }),

  conversations: async () => await request<{ conversations: Conversation[] }>('/v1/conversations'),
  createConversation: async (given: {
    kind: 'channel' | 'direct';
    title: string;
    topic?: string;
    memberIds: readonly string[];
    joinable?: boolean;
  }) => await request<{ conversation: Conversation }>('/v1/conversations', { method: 'POST', body: given }),
  changeConversation: async (id: string, given: { title?: string; topic?: string }) =>
    await request(conversation(id), { method: 'PATCH', body: given }),
  channels: async (q: string) =>
    await request<{ channels: Channel[] }>(`/v1/channels${query({ q: q === '' ? undefined : q })}`),
  join: async (id: string) => await request(`${conversation(id)}/join`, { method: 'POST', body: {} }),
  members: async (id: string, given: { after?: string; q?: string; limit?: number } = {}) =>
    await request<{ members: Member[]; next: string | null }>(`${conversation(id)}/members${query(given)}`),
  invite: async (id: string, userIds: readonly string[]) =>
    await request(`${conversation(id)}/members`, { method: 'POST', body: { userIds } }),
  removeMember: async (id: string, userId: string) =>
    await request(`${conversation(id)}/members/${userId}`, { method: 'DELETE' }),
  mute: async (id: string, muted: boolean) =>
    await request(`${conversation(id)}/mute`, { method: 'PUT', body: { muted } }),

  page: async (id: string, given: PageOf, signal?: AbortSignal) =>
    await request<MessagePage>(
      `${conversation(id)}/messages${query({ ...given })}`,
      signal === undefined ? {} : { signal },
    ),
  changes: async (id: string, since: number) =>
    await request<Changes>(`${conversation(id)}/changes${query({ since, limit: 200 })}`),
  send: async (
    id: string,
    given: { clientId: string; body: string; threadId: string | null; attachmentIds: readonly string[] },
  ) => await request<{ message: Message }>(`${conversation(id)}/messages`, { method: 'POST', body: given }),
  edit: async (id: string, body: string) =>
    await request<{ message: Message }>(message(id), { method: 'PATCH', body: { body } }),
  remove: async (id: string) => await request<{ message: Message }>(message(id), { method: 'DELETE' }),
  react: async (id: string, emoji: string, on: boolean) =>
    await request<{ message: Message }>(`${message(id)}/reactions/${encodeURIComponent(emoji)}`, {
      method: on ? 'PUT' : 'DELETE',
    }),
  reactions: async (id: string) =>
    await request<{ reactions: { emoji: string; people: { id: string; name: string }[] }[] }>(
      `${message(id)}/reactions`,
    ),
  thread: async (id: string, before?: number) =>
    await request<{ root: Message; replies: Message[]; hasMoreBefore: boolean }>(
      `${message(id)}/thread${query({ before })}`,
    ),
  pin: async (id: string, on: boolean) =>
    await request<{ message: Message }>(`${message(id)}/pin`, { method: on ? 'PUT' : 'DELETE' }),
  pins: async (id: string) => await request<{ messages: Message[] }>(`${conversation(id)}/pins`),
  markRead: async (id: string, seq: number) =>
    await request<{ lastReadSeq: number }>(`${conversation(id)}/read`, { method: 'PUT', body: { seq } }),
  markUnread: async (id: string, seq: number) =>
    await request<{ lastReadSeq: number }>(`${conversation(id)}/unread`, { method: 'PUT', body: { seq } }),
  search: async (q: string, conversationId?: string) =>
    await request<{ mode: 'basic' | 'advanced'; results: Message[] }>(
      `/v1/search${query({ q, limit: 50, conversationId })}`,
    ),

  notifications: async (before?: string) =>
    await request<{ notifications: Notification[]; unread: number }>(`/v1/notifications${query({ before })}`),
  markNotified: async (upTo: string) =>
    await request<{ unread: number }>('/v1/notifications/read', { method: 'PUT', body: { upTo } }),

  upload: async (id: string, file: File, signal?: AbortSignal) =>
    await request<{ attachment: Attachment }>(
      `${conversation(id)}/attachments${query({ name: file.name })}`,
      {
        method: 'POST',
        file,
        timeoutMs: 120_000,
        ...(signal === undefined ? {} : { signal }),
      },
    ),
  notices: async () => await request<{ notices: Notice[] }>('/v1/notices'),
  status: async () =>
    await request<{ ok: boolean; checks: { name: string; ok: boolean }[]; notices: Notice[] }>('/v1/status'),
};

export const attachmentUrl = (id: string): string => `/v1/attachments/${id}`;
