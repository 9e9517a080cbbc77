import { isIP } from 'node:net';

export function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new Error(`--port ${text}: expected a number from 0 to 65535`);
  return port;
}

/** An empty one would mean all addresses of the machine. */
export function hostOf(text: string): string {
  if (text.trim() === '') throw new Error('--host is empty: expected an address, such as 127.0.0.1');
  return text.trim();
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export function logLevelOf(text = ''): string {
  const level = text.trim().toLowerCase() || 'info';
  if (!LOG_LEVELS.includes(level))
    throw new Error(`LOG_LEVEL ${text}: expected one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

/** Addresses or networks, such as 10.0.0.1,10.1.0.0/16. */
export function proxiesOf(text = ''): string[] {
  const proxies = text.split(',').map((part) => part.trim());
  if (text.trim() === '') return [];
  for (const proxy of proxies) {
    const [address = '', bits = '1', ...more] = proxy.split('/');
    const family = isIP(address);
    if (
      family === 0 ||
      more.length > 0 ||
      !/^\d{1,3}$/.test(bits) ||
      Number(bits) < 1 ||
      Number(bits) > (family === 4 ? 32 : 128)
    ) {
      throw new Error(
        `--trust-proxy ${proxy}: expected an address or a network, such as 10.1.0.0/16, and not all there are`,
      );
    }
  }
  return proxies;
}

export function workspaceOf(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > 100)
    throw new Error(`--workspace ${text}: expected a name of 1 to 100 characters`);
  return name;
}

export function signUpOf(text: string): boolean {
  if (text !== 'open' && text !== 'closed') throw new Error(`--sign-up ${text}: expected open or closed`);
  return text === 'open';
}
