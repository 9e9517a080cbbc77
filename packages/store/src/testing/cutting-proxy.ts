import net from 'node:net';
import type { AddressInfo } from 'node:net';

/** A TCP proxy that can lose a connection at a chosen point of the conversation. */
export interface CuttingProxy {
  /** The database's URL with the proxy's address in it. */
  readonly url: string;
  /** Cuts the connection whose client sends `text`: before the server has seen it, or after, with the answer lost. */
  cutAt(text: string, when: 'before' | 'after'): void;
  readonly cuts: () => number;
  /** From now on nothing goes through the connections that are open, and nobody is told. New ones work. */
  freeze(): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<net.Socket>();
  let armed: { text: string; when: 'before' | 'after' } | undefined;
  let cuts = 0;

  const server = net.createServer((client) => {
    const upstream = net.connect(Number(target.port || 5432), target.hostname);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => sockets.delete(socket));
    }
    let muted = false;
    upstream.on('data', (chunk) => (muted ? end() : client.write(chunk)));
    upstream.on('close', end);
    client.on('close', end);
    client.on('data', (chunk) => {
      if (armed === undefined || !chunk.includes(armed.text)) return void upstream.write(chunk);
      cuts += 1;
      muted = true;
      const { when } = armed;
      armed = undefined;
      if (when === 'before') end();
      else upstream.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cutAt: (text, when) => (armed = { text, when }),
    cuts: () => cuts,
    freeze: () => {
      for (const socket of sockets) socket.removeAllListeners('data').pause();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
