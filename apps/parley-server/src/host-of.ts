import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Which host a browser asked for. */
export type HostOf = (request: IncomingMessage) => string;

/**
 * As Fastify tells it of requests, for connections that Fastify does not see: what stands in the request itself, unless a proxy that
 * is to be believed brought it.
 * @param trustedProxies addresses or networks, as commands/serve-settings.ts has checked them
 */
export function createHostOf(trustedProxies: readonly string[]): HostOf {
  const trusted = new BlockList();
  for (const proxy of trustedProxies) {
    const [address = '', bits] = proxy.split('/');
    const family = familyOf(address);
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return ({ headers, socket: { remoteAddress } }) => {
    const isTrusted = remoteAddress !== undefined && trusted.check(remoteAddress, familyOf(remoteAddress));
    const forwarded = isTrusted ? lastOf(headers['x-forwarded-host']) : '';
    return forwarded === '' ? (headers.host ?? '') : forwarded;
  };
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** What the proxy nearest to us has added. */
function lastOf(header: string | string[] | undefined): string {
  const entries = [header ?? ''].flat().join(',').split(',');
  return entries.at(-1)?.trim() ?? '';
}
