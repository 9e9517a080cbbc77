import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { createHostOf } from './host-of.ts';

const from = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({
    headers: { host: 'inside:8080', ...(forwarded === undefined ? {} : { 'x-forwarded-host': forwarded }) },
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;

it('believes only the proxies that are named, in whichever way their addresses are written', () => {
  const hostOf = createHostOf(['10.1.0.0/16', '127.0.0.1', 'fd00::/8']);
  for (const proxy of ['10.1.2.3', '127.0.0.1', '::ffff:127.0.0.1', 'fd12::1']) {
    expect(hostOf(from(proxy, 'parley.example'))).toBe('parley.example');
    expect(hostOf(from(proxy))).toBe('inside:8080');
    expect(hostOf(from(proxy, ''))).toBe('inside:8080');
  }
  for (const stranger of ['10.2.0.1', '::1', '::ffff:192.0.2.1', undefined]) {
    expect(hostOf(from(stranger, 'parley.example'))).toBe('inside:8080');
  }
  // Anybody may begin the list; who is trusted ends it.
  expect(hostOf(from('127.0.0.1', 'evil.example, parley.example'))).toBe('parley.example');
});

it('believes nobody when no proxy is named', () => {
  expect(createHostOf([])(from('127.0.0.1', 'parley.example'))).toBe('inside:8080');
});
