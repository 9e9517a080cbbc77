import type { FastifyInstance } from 'fastify';
import type { Message } from '../queries/message-row.ts';
import type { TestPerson } from './parley-fixture.ts';

export type Answer<Body> = { status: number; body: Body; headers: Record<string, unknown> };

export type Call = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  as?: Pick<TestPerson, 'authorization'>;
  body?: object;
};

/** One request without a network, and what came back. The caller names the shape it then checks. */
export async function call<Body>(
  app: FastifyInstance,
  url: string,
  request: Call = {},
): Promise<Answer<Body>> {
  const { method = 'GET', as, body } = request;
  const response = await app.inject({
    method,
    url,
    headers: as?.authorization ?? {},
    ...(body === undefined ? {} : { payload: body }),
  });
  const parsed = response.body === '' ? undefined : response.json<Body>();
  return { status: response.statusCode, body: parsed as Body, headers: response.headers };
}

let sent = 0;

/** Sends a message and insists that it was stored. */
export async function send(
  app: FastifyInstance,
  as: TestPerson,
  conversationId: string,
  body: string,
): Promise<Message> {
  sent += 1;
  const answer = await call<{ message: Message }>(app, `/v1/conversations/${conversationId}/messages`, {
    method: 'POST',
    as,
    body: { clientId: `test-${sent}`, body },
  });
  if (answer.status !== 201)
    throw new Error(`sending was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.message;
}
