import type { Server } from 'node:net';

/** The same database, reached through a door that listens on this machine. */
export function doorUrl(databaseUrl: string, door: Server): { readonly href: string; readonly port: number } {
  const address = door.address();
  if (address === null || typeof address === 'string') throw new Error('the door listens at no port');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return { href: url.href, port: address.port };
}
