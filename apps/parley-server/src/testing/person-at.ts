import type { Message } from '../queries/message-row.ts';

type Body = Record<string, unknown>;

/** Somebody who uses a server over the network. */
export type PersonAt = {
  id: string;
  token: string;
  /** @throws Error when it is answered with anything but a success */
  ask<Answer = Body>(method: string, url: string, body?: object): Promise<Answer>;
  upload(conversationId: string, name: string, content: string): Promise<{ id: string; name: string }>;
  send(conversationId: string, body: string, attachmentIds?: readonly string[]): Promise<Message>;
};

type Session = { token: string; user: { id: string } };

export const signUp = async (url: string, name: string, email: string, password: string): Promise<PersonAt> =>
  personAt(url, await request<Session>(url, 'POST', '/v1/signup', { json: { name, email, password } }));

export const logIn = async (url: string, email: string, password: string): Promise<PersonAt> =>
  personAt(url, await request<Session>(url, 'POST', '/v1/login', { json: { email, password } }));

/** The same person, at another server. */
export const elsewhere = (url: string, { id, token }: PersonAt): PersonAt =>
  personAt(url, { token, user: { id } });

let sent = 0;

function personAt(server: string, { token, user }: Session): PersonAt {
  const ask = async <Answer>(method: string, url: string, json?: object): Promise<Answer> =>
    await request<Answer>(server, method, url, { token, ...(json === undefined ? {} : { json }) });
  return {
    id: user.id,
    token,
    ask,
    upload: async (conversationId, name, content) => {
      const url = `/v1/conversations/${conversationId}/attachments?name=${encodeURIComponent(name)}`;
      type Uploaded = { attachment: { id: string; name: string } };
      return (await request<Uploaded>(server, 'POST', url, { token, content })).attachment;
    },
    send: async (conversationId, body, attachmentIds = []) => {
      sent += 1;
      const message = { clientId: `test-${sent}`, body, attachmentIds };
      const url = `/v1/conversations/${conversationId}/messages`;
      return (await ask<{ message: Message }>('POST', url, message)).message;
    },
  };
}

type Given = { token?: string; json?: object; content?: string };

async function request<Answer>(server: string, method: string, url: string, given: Given): Promise<Answer> {
  const { token, json, content } = given;
  const type = content === undefined ? 'application/json' : 'application/octet-stream';
  const body = content ?? (json === undefined ? undefined : JSON.stringify(json));
  const response = await fetch(`${server}${url}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} was answered with ${response.status}: ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as Answer;
}
