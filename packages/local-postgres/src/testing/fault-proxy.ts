import net from 'node:net';
import { ProxiedConnection, type ProxyTarget } from './proxied-connection.ts';
import { Valve } from './valve.ts';
import { WriteWatch, type WriteAction } from './write-watch.ts';

/** Stands between a client and a server, on 127.0.0.1, and does to what passes whatever a bad network can do. */
export type FaultProxy = {
  /** The target's URL with the proxy's address. */
  readonly url: string;
  /** Destroys every connection and turns new ones away, as a server that is down does. */
  cut(): void;
  /** Lets no byte through, in either direction, and ends nothing: a half-open network. What was sent waits. */
  stall(): void;
  /** Holds up each piece of bytes for so many ms, in order. */
  slow(delayMs: number): void;
  /** As a good network again. What was stalled goes on. */
  heal(): void;
  /** How many connections it carries. */
  connections(): number;
  /** How many it has turned away since it was made. */
  turnedAway(): number;
  /**
   * How many statements have passed that make something final: a COMMIT, or one that writes outside of a transaction. Only
   * for a postgres:// target that does not encrypt.
   */
  writes(): number;
  /**
   * Calls `act` before each write from now on, until the returned function is called. Nothing moves on that connection until
   * it has decided; `drop` cuts every connection there.
   */
  eachWrite(act: WriteAction): () => void;
  /** The same for one write alone, counted from 1: before it is forwarded, or when it is done and the client has not heard of it. */
  atWrite(number: number, moment: 'before' | 'after', act: () => 'go on' | 'drop'): void;
  close(): Promise<void>;
};

const defaultPorts: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'http:': 80,
};

/** @param target the URL of a server that is reached by TCP: `postgres://…` or `http://…`. */
export async function createFaultProxy(target: string): Promise<FaultProxy> {
  const url = new URL(target);
  const defaultPort = defaultPorts[url.protocol];
  if (defaultPort === undefined)
    throw new Error(`a fault proxy stands before postgres:// or http://, not before ${url.protocol}//`);
  const address: ProxyTarget = { host: url.hostname, port: Number(url.port) || defaultPort };
  const writes = url.protocol === 'http:' ? undefined : new WriteWatch();
  const valve = new Valve();
  const connections = new Set<ProxiedConnection>();
  let isCut = false;
  let turnedAway = 0;

  const counted = (): WriteWatch => {
    if (!writes) throw new Error(`writes are not counted before ${url.protocol}//`);
    return writes;
  };
  const dropAll = (): void => {
    for (const connection of connections) connection.drop();
  };
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (inside) => {
    if (isCut) {
      turnedAway += 1;
      inside.on('error', () => undefined); // It has gone by itself meanwhile.
      inside.resetAndDestroy();
      return;
    }
    const connection = new ProxiedConnection({ inside, target: address, valve, writes, dropAll });
    connections.add(connection);
    void connection.carry().finally(() => connections.delete(connection));
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(0, '127.0.0.1', resolve);
  await listening;
  const own = server.address();
  if (own === null || typeof own === 'string') throw new Error('the fault proxy listens at no port');
  url.hostname = '127.0.0.1';
  url.port = String(own.port);

  return {
    url: url.protocol === 'http:' ? url.origin : url.href,
    cut: () => {
      isCut = true;
      dropAll();
      valve.open();
    },
    stall: () => valve.stall(),
    slow: (delayMs) => valve.slow(delayMs),
    heal: () => {
      isCut = false;
      valve.open();
    },
    connections: () => connections.size,
    turnedAway: () => turnedAway,
    writes: () => writes?.count ?? 0,
    eachWrite: (act) => counted().watch(act),
    atWrite: (number, moment, act) => {
      const watched = counted();
      if (number <= watched.count)
        throw new Error(`write ${number} has passed already: ${watched.count} were counted`);
      const stop = watched.watch((write) => {
        if (write.number !== number) return 'go on';
        stop();
        return moment === 'before' ? act() : { whenAnswered: act };
      });
    },
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      dropAll();
      valve.open();
      await closed;
    },
  };
}
