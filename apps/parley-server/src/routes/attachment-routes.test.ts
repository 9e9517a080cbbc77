import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectTo, type AddressInfo } from 'node:net';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ParleyServer } from '../server.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

type Uploaded = {
  attachment: { id: string; name: string; mediaType: string; sizeBytes: number; width: number | null };
};

/** On a busy machine, too. */
const soon = { timeout: 20_000, interval: 50 };

let parley: ParleyFixture;
let server: ParleyServer;
let maja: TestPerson;
let kenji: TestPerson;
let outsider: TestPerson;
let room: string;

beforeAll(async () => {
  parley = await createParleyFixture();
  server = await parley.startServer();
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  maja = await parley.addPerson('Maja');
  kenji = await parley.addPerson('Kenji');
  outsider = await parley.addPerson('Outsider');
  room = await parley.addConversation([maja, kenji]);
});
afterAll(async () => await parley.close());

const upload = async (data: Buffer | string, name: string, type = 'application/octet-stream', as = maja) =>
  await server.app.inject({
    method: 'POST',
    url: `/v1/conversations/${room}/attachments?name=${encodeURIComponent(name)}`,
    headers: { ...as.authorization, 'content-type': type },
    payload: data,
  });
const download = async (id: string, as = maja) =>
  await server.app.inject({ url: `/v1/attachments/${id}`, headers: as.authorization });
const send = async (attachmentIds: string[]) =>
  await server.app.inject({
    method: 'POST',
    url: `/v1/conversations/${room}/messages`,
    headers: maja.authorization,
    payload: { clientId: `f-${attachmentIds[0] ?? ''}`, body: '', attachmentIds },
  });

/** A picture of so many pixels, all of one colour. */
function png(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc((width + 1) * height));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(data: Buffer): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

describe('a file', () => {
  it('comes back byte for byte, and a picture says how large it is', async () => {
    const data = png(120, 80);
    const answer = await upload(data, 'pier.png', 'image/png');
    expect(answer.statusCode).toBe(201);
    const { attachment } = answer.json<Uploaded>();
    expect(attachment).toMatchObject({
      name: 'pier.png',
      mediaType: 'image/png',
      sizeBytes: data.length,
      width: 120,
      height: 80,
    });
    const back = await download(attachment.id);
    expect(back.rawPayload.equals(data)).toBe(true);
    expect(back.headers).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `inline; filename="pier.png"; filename*=UTF-8''pier.png`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
  });

  it.each([
    ['a page that calls itself a picture', '<html><script>alert(1)</script>', 'cat.png', 'image/png'],
    ['a page', '<!doctype html><script>alert(1)</script>', 'page.html', 'text/html'],
    [
      'a drawing that can run scripts',
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
      'a.svg',
      'image/svg+xml',
    ],
    ['a script', 'alert(1)', 'a.js', 'text/javascript'],
    ['a type that is none', 'words', 'a', 'text/html; charset=utf-8\u00e9'],
  ])('is never run or shown by a browser: %s', async (_, data, name, type) => {
    const { attachment } = (await upload(data, name, type)).json<Uploaded>();
    expect(attachment.mediaType).toBe('application/octet-stream');
    const back = await download(attachment.id);
    expect(back.headers['content-type']).toBe('application/octet-stream');
    expect(back.headers['content-disposition']).toMatch(/^attachment;/);
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\fakepath\\Tide tables.pdf', 'Tide tables.pdf'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['..', 'file'],
    ['宮浦港 "写真".txt', '宮浦港 "写真".txt'],
  ])('named %j is called %j', async (given, expected) => {
    const { attachment } = (await upload('words', given, 'text/plain')).json<Uploaded>();
    expect(attachment.name).toBe(expected);
    const header = String((await download(attachment.id)).headers['content-disposition']);
    expect(decodeURIComponent(/UTF-8''(.*)$/.exec(header)?.[1] ?? '')).toBe(expected);
  });

  it('is for the members of its conversation, and before it is sent for its sender alone', async () => {
    const { attachment } = (await upload('words', 'a.txt', 'text/plain')).json<Uploaded>();
    expect((await download(attachment.id, kenji)).statusCode).toBe(404);
    expect((await send([attachment.id])).statusCode).toBe(201);
    expect((await download(attachment.id, kenji)).statusCode).toBe(200);
    expect((await download(attachment.id, outsider)).statusCode).toBe(404);
    expect((await upload('words', 'a.txt', 'text/plain', outsider)).statusCode).toBe(404);
  });

  it('of nothing, or of more than ten million bytes, is refused', async () => {
    expect((await upload('', 'empty')).statusCode).toBe(400);
    const tooLarge = await upload(Buffer.alloc(10_000_001), 'large');
    expect(tooLarge.statusCode).toBe(413);
    expect(tooLarge.json()).toMatchObject({
      error: { code: 'too_large', expected: 'at most 10,000,000 bytes' },
    });
    expect((await upload(randomBytes(10_000_000), 'just fits')).statusCode).toBe(201);
  }, 30_000);

  it('that is cut off half-way leaves nothing, and its place to others', async () => {
    const { port } = server.app.server.address() as AddressInfo;
    const count = async () =>
      Number((await parley.sql('SELECT count(*) FROM parley.attachments'))[0]?.['count']);
    const before = await count();
    const cutOff = async (): Promise<void> => {
      const sending = httpRequest({
        port,
        method: 'POST',
        path: `/v1/conversations/${room}/attachments?name=half`,
        headers: {
          ...maja.authorization,
          'content-type': 'application/octet-stream',
          'content-length': 1_000_000,
        },
      });
      sending.on('error', () => undefined);
      sending.write(Buffer.alloc(1_000));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const closed = new Promise((resolve) => sending.once('close', resolve));
      sending.destroy();
      await closed;
    };
    for (let time = 0; time < 10; time += 1) await cutOff();
    await vi.waitFor(async () => expect((await upload('words', 'after')).statusCode).toBe(201), soon);
    expect(await count()).toBe(before + 1);
  });

  it('keeps no place for whoever has gone before it was looked who they are', async () => {
    const { port } = server.app.server.address() as AddressInfo;
    const head =
      `POST /v1/conversations/${room}/attachments?name=gone HTTP/1.1\r\nhost: x\r\n` +
      `authorization: ${maja.authorization.authorization}\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\n`;
    for (let time = 0; time < 40; time += 1) {
      const socket = connectTo(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(head);
      await new Promise((resolve) => setTimeout(resolve, (time % 8) / 2));
      socket.destroy();
      await once(socket, 'close');
    }
    await vi.waitFor(async () => expect((await upload('words', 'after')).statusCode).toBe(201), soon);
  });

  it('waits for nobody when too many come at once: it is told when to come again', async () => {
    const { port } = server.app.server.address() as AddressInfo;
    const begin = () => {
      const sending = httpRequest({
        port,
        method: 'POST',
        path: `/v1/conversations/${room}/attachments?name=slow`,
        headers: { ...maja.authorization, 'content-type': 'application/octet-stream', 'content-length': 10 },
      });
      sending.on('error', () => undefined);
      sending.write('slow');
      return sending;
    };
    const open = Array.from({ length: 24 }, begin);
    await vi.waitFor(async () => {
      // Those who ask meanwhile may have been quicker than some: more come, until there is room for no more.
      open.push(begin());
      const refused = await upload('words', 'ninth');
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '2']);
    }, soon);
    open.forEach((sending) => sending.destroy());
    await vi.waitFor(async () => expect((await upload('words', 'after')).statusCode).toBe(201), soon);
  });
});
