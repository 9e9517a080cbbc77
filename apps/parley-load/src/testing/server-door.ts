import net from 'node:net';

/** Stands before a server. Shut, it cuts who is inside and turns away who comes: the server seems to be gone. */
export interface ServerDoor {
  readonly url: string;
  readonly turnedAway: () => number;
  readonly shut: () => void;
  readonly open: () => void;
  readonly close: () => Promise<void>;
}

export async function openDoor(serverUrl: string): Promise<ServerDoor> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<net.Socket>();
  let isShut = false;
  let turnedAway = 0;
  const door = net.createServer((inside) => {
    inside.on('error', () => inside.destroy());
    if (isShut) {
      turnedAway += 1;
      inside.destroy();
      return;
    }
    const outside = net.connect(Number(port), hostname);
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const address = door.address();
  if (address === null || typeof address === 'string') throw new Error('the door listens at no port');
  const cutAll = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${address.port}`,
    turnedAway: () => turnedAway,
    shut: () => {
      isShut = true;
      cutAll();
    },
    open: () => {
      isShut = false;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => door.close(() => resolve()));
      cutAll();
      await closed;
    },
  };
}
