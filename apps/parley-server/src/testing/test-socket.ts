import type { FastifyInstance } from 'fastify';
import { io, type Socket } from 'socket.io-client';
import type { ClientToServerEvents, ServerToClientEvents } from '../socket-events.ts';
import type { TestPerson } from './parley-fixture.ts';

type Heard = { event: string; data: Record<string, unknown> };

export type TestSocket = {
  socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  /** Everything heard so far, in order. */
  heard: Heard[];
  close(): void;
};

/** A socket of this person, to a server of this process or at an address, that is connected and in its rooms. @throws what the server refused it with */
export async function openSocket(
  app: FastifyInstance | string,
  person: Pick<TestPerson, 'token'>,
): Promise<TestSocket> {
  return await connect(app, { auth: { token: person.token } });
}

/** A socket as a browser opens it, that says which page it is of and sends the cookies of its address along. @throws what the server refused it with */
export async function openBrowserSocket(
  app: FastifyInstance | string,
  headers: Record<string, string>,
): Promise<TestSocket> {
  return await connect(app, { extraHeaders: headers });
}

async function connect(
  app: FastifyInstance | string,
  identity: { auth: { token: string } } | { extraHeaders: Record<string, string> },
): Promise<TestSocket> {
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(
    typeof app === 'string' ? app : urlOf(app),
    {
      transports: ['websocket'],
      ...identity,
      reconnection: false,
      forceNew: true,
    },
  );
  const heard: Heard[] = [];
  socket.onAny((event: string, data: Record<string, unknown>) => heard.push({ event, data }));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return { socket, heard, close: () => void socket.disconnect() };
}

function urlOf(app: FastifyInstance): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server does not listen yet');
  return `http://127.0.0.1:${address.port}`;
}
