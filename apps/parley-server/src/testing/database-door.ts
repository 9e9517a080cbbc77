import net from 'node:net';
import { doorUrl } from './door-url.ts';

/** Stands between a server and its database, and can be shut. */
export type DatabaseDoor = {
  url: string;
  /** Cuts every connection and refuses new ones, as a database that is down does. */
  shut(): Promise<void>;
  /** Lets no byte through any more, in either direction, without ending anything: a network that swallows. */
  stall(): void;
  open(): Promise<void>;
  close(): Promise<void>;
};

export async function createDatabaseDoor(databaseUrl: string): Promise<DatabaseDoor> {
  const target = new URL(databaseUrl);
  const sockets = new Set<net.Socket>();
  let stalled = false;
  const server = net.createServer((inside) => {
    const outside = net.connect(Number(target.port), target.hostname);
    const pair: [net.Socket, net.Socket][] = [
      [inside, outside],
      [outside, inside],
    ];
    for (const [from, to] of pair) {
      sockets.add(from);
      from.on('data', (bytes) => {
        if (!stalled) to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  const listen = async (port: number): Promise<void> =>
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = async (): Promise<void> =>
    await new Promise((resolve) => {
      server.close(() => resolve());
      sockets.forEach((socket) => socket.destroy());
    });
  await listen(0);
  const { href, port } = doorUrl(databaseUrl, server);
  return {
    url: href,
    shut: stop,
    stall: () => {
      stalled = true;
    },
    open: async () => {
      stalled = false;
      if (!server.listening) await listen(port);
    },
    close: async () => {
      if (server.listening) await stop();
    },
  };
}
