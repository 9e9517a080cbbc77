import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import os from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ensureDatabase } from './ensure-database.ts';
import { waitUntilReady } from './readiness.ts';
import { assertUsableDatabase } from './usable-database.ts';
import { SilentServerError, withClient } from './with-client.ts';

/** AuthenticationOk, ReadyForQuery. */
const LETS_IN = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

const cleanUps: (() => unknown)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** Takes connections and answers nothing but this, to the first message alone; closes none by itself. */
async function startSilentServer(answer = LETS_IN) {
  const asked = Promise.withResolvers<void>();
  const serve = (socket: Socket): void => {
    cleanUps.push(() => socket.destroy());
    socket.once('data', () => {
      socket.write(answer);
      socket.on('data', () => asked.resolve());
    });
    socket.on('error', () => undefined); // Whoever asks is told of it too.
  };
  const server = createServer({ allowHalfOpen: true }, serve).listen(0, '127.0.0.1');
  cleanUps.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgres://ann:geheim@127.0.0.1:${port}/shop`,
    named: `Cannot use the database postgres://ann:***@127.0.0.1:${port}/shop`,
    asked: asked.promise,
  };
}

const errorOf = async (failing: Promise<unknown>): Promise<unknown> =>
  await failing.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('a server that is silent', () => {
  test('after it let us in is named, with how long we waited', async () => {
    const { url, named } = await startSilentServer();
    const error = await errorOf(withClient(url, async (client) => await client.query('select 1'), 100));
    expect(error).toBeInstanceOf(SilentServerError);
    expect(error).toHaveProperty('message', `${named}: it let us in, and then gave no answer within 0.1 s`);
  });

  test('from the beginning is named, with how long we waited', async () => {
    const { url, named } = await startSilentServer(Buffer.alloc(0));
    const error = await errorOf(withClient(url, async () => 'in', 100));
    expect(error).toBeInstanceOf(SilentServerError);
    expect(error).toHaveProperty('message', `${named}: it did not let us in within 0.1 s`);
  });

  test('is left without its goodbye', async () => {
    const { url } = await startSilentServer();
    await expect(withClient(url, async () => await Promise.resolve('done'))).resolves.toBe('done');
  });

  test.each<[string, number, (url: string) => Promise<unknown>]>([
    ['is to be used', 10, assertUsableDatabase],
    ['is to hold a database of ours', 60, async (url) => await ensureDatabase(url, 'ours')],
  ])('and %s is given up after %i s', async (_what, limitS, use) => {
    const { url, named, asked } = await startSilentServer();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const failing = errorOf(use(url));
    await asked;
    vi.advanceTimersByTime(limitS * 1000);
    expect(await failing).toHaveProperty(
      'message',
      `${named}: it let us in, and then gave no answer within ${limitS} s`,
    );
  });

  test('in place of ours is not waited for without end', async () => {
    const { url } = await startSilentServer();
    const dataDirectory = os.tmpdir();
    const log = (): void => undefined;
    const ready = waitUntilReady({ url, dataDirectory, hasEnded: () => false, timeoutMs: 300, log });
    await expect(ready).rejects.toThrow(
      /^no connection within 0\.3 s, last answer: .* it let us in, and then gave no answer within 2 s$/,
    );
  });
});
