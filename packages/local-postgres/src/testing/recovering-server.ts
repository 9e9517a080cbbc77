import { once } from 'node:events';
import { createServer } from 'node:net';

const FIELDS = ['SFATAL', 'VFATAL', 'C57P03', 'Mthe database system is starting up', ''].join('\0');

/** ErrorResponse: the type, the length of the rest in bytes (its own four among them), the fields. */
function startingUp(): Buffer {
  const body = Buffer.from(`${FIELDS}\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** A Postgres that never comes up: to everybody it says that it is starting. `onAnswer` is told how often it has said so. */
export async function startRecoveringServer(
  onAnswer: (answers: number) => void,
): Promise<{ port: number; close: () => void }> {
  let answers = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // Whoever asked is told of it.
    socket.once('data', () => {
      answers += 1;
      onAnswer(answers);
      socket.end(startingUp());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { port: address.port, close: () => void server.close() };
}
