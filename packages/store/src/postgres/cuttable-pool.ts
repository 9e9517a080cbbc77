import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type PoolConfig } from 'pg';

export interface CuttablePool {
  readonly pool: Pool;
  /** Says goodbye on every connection, and cuts those that do not end soon: an open socket would keep the process alive. */
  readonly end: () => Promise<void>;
}

const goodbyeLimitMs = 500;

export function createCuttablePool(settings: PoolConfig): CuttablePool {
  const sockets = new Set<Socket>();
  const stream = () => {
    const socket = new Socket();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const pool = new Pool({ ...settings, stream });
  return {
    pool,
    async end() {
      const untilMs = performance.now() + goodbyeLimitMs;
      const ended = pool.end();
      while (sockets.size > 0 && performance.now() < untilMs) await sleep(5);
      for (const socket of sockets) socket.destroy();
      await ended;
    },
  };
}
