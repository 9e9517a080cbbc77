import net from 'node:net';
import { doorUrl } from './door-url.ts';

export type PoolerDoor = { url: string; turnedAway(): number; close(): Promise<void> };

/**
 * Before a database, and like PgBouncer in the things that an application notices: it refuses settings of a connection that it
 * does not know, gives process numbers of its own making, and cancels nothing for a client that has left.
 */
export async function createPoolerDoor(databaseUrl: string): Promise<PoolerDoor> {
  const target = new URL(databaseUrl);
  const sockets = new Set<net.Socket>();
  /** The numbers of clients that are connected. */
  const clients = new Set<number>();
  let turnedAway = 0;
  const server = net.createServer((inside) => {
    const outside = net.connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    inside.once('data', (startUp) => {
      if (startUp.includes('statement_timeout')) {
        turnedAway += 1;
        inside.end(refusal('unsupported startup parameter: statement_timeout'));
        return;
      }
      if (isCancelRequest(startUp) && !clients.has(startUp.readInt32BE(8))) {
        inside.end();
        return;
      }
      outside.write(withRealProcessId(startUp));
      inside.on('data', (bytes) => outside.write(bytes));
    });
    outside.on('data', (bytes) => {
      const given = processIdIn(bytes);
      if (given !== undefined) {
        clients.add(given + MADE_UP);
        inside.once('close', () => clients.delete(given + MADE_UP));
      }
      inside.write(withOtherProcessId(bytes));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { href } = doorUrl(databaseUrl, server);
  return {
    url: href,
    turnedAway: () => turnedAway,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}

function refusal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${message}\0\0`);
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

const MADE_UP = 1_000_000;
const CANCEL_REQUEST_CODE = 80_877_102;

function isCancelRequest(startUp: Buffer): boolean {
  return startUp.length === 16 && startUp.readInt32BE(4) === CANCEL_REQUEST_CODE;
}

/** A request to cancel names the process number that was given. */
function withRealProcessId(startUp: Buffer): Buffer {
  if (!isCancelRequest(startUp)) return startUp;
  const changed = Buffer.from(startUp);
  changed.writeInt32BE(changed.readInt32BE(8) - MADE_UP, 8);
  return changed;
}

/** BackendKeyData: 'K', its length (12), the process number, a secret. It comes once, before the first question. */
const KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12]);

function processIdIn(bytes: Buffer): number | undefined {
  const at = bytes.indexOf(KEY_DATA);
  return at === -1 || at + 9 > bytes.length ? undefined : bytes.readInt32BE(at + 5);
}

function withOtherProcessId(bytes: Buffer): Buffer {
  const given = processIdIn(bytes);
  if (given === undefined) return bytes;
  const changed = Buffer.from(bytes);
  changed.writeInt32BE(given + MADE_UP, bytes.indexOf(KEY_DATA) + 5);
  return changed;
}
