import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { listenForChanges } from './http-stream.ts';

const soon = { timeout: 15_000, interval: 5 };
const never = new AbortController().signal;

async function serve(listener: RequestListener): Promise<{ url: string; key: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/flags/`, key: 'a key' };
}

/** Takes one stream, and hands over what to write to it. */
async function begin() {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  const asked: unknown[] = [];
  const relay = await serve((request, response) => {
    asked.push(request.url, request.headers.authorization, request.headers.accept);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).flushHeaders();
    resolve(response);
  });
  const onChange = vi.fn<() => void>();
  const stop = new AbortController();
  const ended = listenForChanges(relay, stop.signal, onChange);
  return { stream: await promise, onChange, ended, stop, asked };
}

describe('a stream of changes', () => {
  it('is asked for with the key, under the relay’s prefix', async () => {
    const { asked, stop, ended, onChange } = await begin();
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), soon);
    expect(asked).toEqual(['/flags/ofrep/v1/stream', 'Bearer a key', 'text/event-stream']);
    stop.abort();
    expect(await ended).toBe(true);
  });

  it('tells once that it begins, and of each change, however it is cut into pieces', async () => {
    const { stream, onChange, ended } = await begin();
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), soon);
    for (const piece of ['id: 1\nda', 'ta: {"type":"refetch', 'Evaluation"}\n', '\n']) {
      expect(onChange).toHaveBeenCalledTimes(1);
      stream.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), soon);
    stream.write(': still here\n\ndata: {"type":"other"}\n\ndata: null\n\ndata: no json\n\n');
    stream.write('data: {"type":"refetchEvaluation"}\n\n');
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(3), soon);
    stream.end();
    expect(await ended).toBe(true);
    expect(onChange).toHaveBeenCalledTimes(3);
  });

  it('is over when it breaks in the middle of an event', async () => {
    const { stream, onChange, ended } = await begin();
    stream.write('data: {"type":"refetchEvaluation"}');
    await new Promise((resolve) => setTimeout(resolve, 50));
    stream.destroy();
    expect(await ended).toBe(true);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('is given up when a line has no end', async () => {
    const { stream, ended } = await begin();
    stream.on('error', () => undefined);
    const more = setInterval(() => stream.write('x'.repeat(10_000)), 1);
    expect(await ended).toBe(true);
    clearInterval(more);
  });
});

describe('no stream', () => {
  test.each<[string, RequestListener]>([
    ['refused', (_request, response) => void response.writeHead(401).end('{}')],
    [
      'a page in its place',
      (_request, response) => void response.setHeader('content-type', 'text/html').end('<html>'),
    ],
    ['a connection that is cut', (request) => void request.socket.destroy()],
  ])('(%s) has never begun', async (_what, listener) => {
    const onChange = vi.fn<() => void>();
    expect(await listenForChanges(await serve(listener), never, onChange)).toBe(false);
    expect(onChange).not.toHaveBeenCalled();
  });

  it('(nobody there, or not an address) has never begun', async () => {
    const onChange = vi.fn<() => void>();
    expect(await listenForChanges({ url: 'http://127.0.0.1:1', key: 'k' }, never, onChange)).toBe(false);
    expect(await listenForChanges({ url: 'no address', key: 'k' }, never, onChange)).toBe(false);
    expect(onChange).not.toHaveBeenCalled();
  });
});
