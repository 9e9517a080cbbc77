import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { ParleyServer } from '../server.ts';
import { send } from '../testing/client.ts';
import { flawOfRefusal } from '../testing/answer-flaws.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

vi.setConfig({ testTimeout: 120_000 });
const WAIT = { timeout: 60_000, interval: 50 };

let parley: ParleyFixture;
let app: ParleyServer['app'];
let ana: TestPerson;
let room: string;
let port: number;

beforeAll(async () => {
  parley = await createParleyFixture();
  const request = {
    headersMs: 500,
    wholeMs: 1_000,
    fileMs: 3_000,
    answerMs: 9_000,
    silentMs: 2_000,
    checkEveryMs: 100,
  };
  ({ app } = await parley.startServer({ limits: { ...LIMITS, request } }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server listens at no port');
  port = address.port;
  ana = await parley.addPerson('Ana');
  room = await parley.addConversation([ana]);
});
afterAll(async () => await parley.close());

/** A connection that is written to by hand; `answer` is everything that came until the server ended it. */
function connect(): { socket: net.Socket; answer: Promise<string> } {
  const socket = net.connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString('latin1')));
  socket.on('error', () => {}); // A server may cut off what it refuses.
  const answer = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  return { socket, answer };
}

function parse(answer: string): { status: number; text: string } {
  const [head = '', text = ''] = answer.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), text };
}

const expectServes = async (): Promise<void> => expect((await app.inject('/livez')).statusCode).toBe(200);

describe('what is no request', () => {
  it.each([
    ['garbage', '\u0000\u0001\u0002garbage\r\n\r\n', 400],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 400],
    ['an unknown method', 'DANCE /livez HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['another protocol', 'GET /livez SPDY/9\r\nhost: x\r\n\r\n', 400],
    [
      'headers without an end',
      `GET /livez HTTP/1.1\r\nhost: x\r\ncookie: ${'x'.repeat(40_000)}\r\n\r\n`,
      431,
    ],
    ['an endless address', `GET /${'x'.repeat(40_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
    ['a header with NUL', 'GET /livez HTTP/1.1\r\nhost: x\r\nx-a: a\u0000b\r\n\r\n', 400],
    [
      'two lengths',
      'POST /v1/login HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      400,
    ],
    [
      'a length and chunks',
      'POST /v1/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'a chunk without a size',
      'POST /v1/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
  ])('%s is refused in our own words', async (_what, bytes, status) => {
    const { socket, answer } = connect();
    socket.write(Buffer.from(bytes, 'latin1'));
    const refused = parse(await answer);
    expect(refused.status).toBe(status);
    expect(flawOfRefusal(refused.status, refused.text)).toBeUndefined();
    await expectServes();
  });

  it('behind a request that is at work, it is not answered in that one’s place', async () => {
    const { socket, answer } = connect();
    socket.write('GET /readyz HTTP/1.1\r\nhost: x\r\n\r\ngarbage\r\n\r\n');
    expect(await answer).toBe('');
    await expectServes();
  });

  it('an expectation that nobody knows is refused', async () => {
    const { socket, answer } = connect();
    socket.write('GET /livez HTTP/1.1\r\nhost: x\r\nexpect: a-miracle\r\nconnection: close\r\n\r\n');
    const refused = parse(await answer);
    expect(refused.status).toBe(417);
    expect(flawOfRefusal(refused.status, refused.text)).toBeUndefined();
  });
});

describe('who takes their time', () => {
  it('with headers is sent away', async () => {
    const { socket, answer } = connect();
    socket.write('GET /livez HTTP/1.1\r\nhost: x\r\n');
    const drip = setInterval(() => socket.write('x-a: 1\r\n'), 100);
    const refused = parse(await answer);
    clearInterval(drip);
    expect(refused.status).toBe(408);
    expect(flawOfRefusal(refused.status, refused.text)).toBeUndefined();
  });

  it('with a body is sent away', async () => {
    const { socket, answer } = connect();
    const head =
      'POST /v1/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000';
    socket.write(`${head}\r\n\r\n`);
    const drip = setInterval(() => socket.write(' '), 100);
    const refused = parse(await answer);
    clearInterval(drip);
    expect(refused.status).toBe(408);
    expect(flawOfRefusal(refused.status, refused.text)).toBeUndefined();
  });

  it('with a file is waited for longer, and not for ever', async () => {
    const ask = (length: number): string =>
      `POST /v1/conversations/${room}/attachments?name=slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n` +
      `authorization: ${ana.authorization.authorization}\r\ncontent-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n`;
    const [slow, endless] = [connect(), connect()];
    slow.socket.write(ask(16));
    endless.socket.write(ask(1_000));
    const drips = [slow, endless].map(({ socket }) => setInterval(() => socket.write('x'), 100));
    expect(parse(await slow.answer).status).toBe(201);
    const refused = parse(await endless.answer);
    for (const drip of drips) clearInterval(drip);
    expect(refused.status).toBe(408);
    expect(flawOfRefusal(refused.status, refused.text)).toBeUndefined();
  });

  it('with saying anything, or with reading the answer, is let go', async () => {
    for (let index = 0; index < 60; index += 1) await send(app, ana, room, '€'.repeat(16_000));
    const silent = connect();
    const deaf = net.connect(port, '127.0.0.1');
    onTestFinished(() => void deaf.destroy());
    deaf.on('error', () => {});
    deaf.pause();
    const page = `GET /v1/conversations/${room}/messages?limit=200 HTTP/1.1\r\nhost: x\r\n`;
    const authorization = `authorization: ${ana.authorization.authorization}\r\n\r\n`;
    deaf.write(`${page}${authorization}`.repeat(40));
    const open = async (): Promise<number> =>
      await new Promise((resolve, reject) =>
        app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      );
    await vi.waitFor(async () => expect(await open()).toBe(2), WAIT);
    await vi.waitFor(async () => expect(await open()).toBe(0), WAIT);
    await silent.answer;
  });
});

it('answers what was asked in one breath in the order of asking', async () => {
  const { socket, answer } = connect();
  const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
  socket.write(
    `${ask('/livez')}${ask('/nowhere').repeat(200)}GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
  );
  const statuses = [...(await answer).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
  expect(statuses).toEqual(['200', ...Array.from({ length: 200 }, () => '404'), '200']);
});

it('survives clients that hang up at every point of a request', async () => {
  const body = JSON.stringify({ clientId: 'hung-up', body: 'hello' });
  const request =
    `POST /v1/conversations/${room}/messages HTTP/1.1\r\nhost: x\r\n` +
    `authorization: ${ana.authorization.authorization}\r\ncontent-type: application/json\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`;
  for (let length = 1; length <= request.length; length += 7) {
    const { socket, answer } = connect();
    socket.write(request.slice(0, length), () => socket.resetAndDestroy());
    await answer;
  }
  await expectServes();
  const failed = await app.inject('/metrics');
  expect(failed.body).not.toMatch(/parley_requests_total\{[^}]*outcome="error"\}/);
});
