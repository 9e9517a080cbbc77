import Fastify from 'fastify';
import { compileFlagDocument, type FlagPlan } from '@crossfade/flags';
import { createFlagProvider, memoryFlagSource, type FlagProvider } from '@crossfade/flags/server';
import { onTestFinished } from 'vitest';
import { flagRelay, type FlagRelayOptions, type RelayKey } from '../index.ts';

export const serverKey: RelayKey = { name: 'mail', key: 'a-key-of-a-server-process', kind: 'server' };
export const clientKey: RelayKey = {
  name: 'page',
  key: 'a-key-that-anybody-reads',
  kind: 'client',
  origins: ['https://chat.example.org'],
};

/** Three flags: "search" for power users and a fifth of the others, "dark" for everybody, and a number. */
export const plan: FlagPlan = {
  seed: 'batch-2',
  flags: [
    {
      key: 'search',
      killed: false,
      audiences: [
        { segment: 'power_users', percentage: 100 },
        { segment: null, percentage: 20 },
      ],
    },
    { key: 'dark', killed: false, audiences: [{ segment: null, percentage: 100 }] },
  ],
  parameters: [{ key: 'cache_share', value: 40 }],
};
export const documentOf = (given: FlagPlan = plan): string => compileFlagDocument(given).document;
export const killedPlan: FlagPlan = { ...plan, flags: plan.flags.map((flag) => ({ ...flag, killed: true })) };

export interface TestRelay {
  readonly url: string;
  readonly source: ReturnType<typeof memoryFlagSource>;
  readonly provider: FlagProvider;
  readonly close: () => Promise<void>;
  readonly ask: (path: string, options?: Ask) => Promise<Answer>;
}

interface Ask {
  readonly key?: RelayKey | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Listens on a port of its own; nothing is published yet. */
export async function startRelay(
  options: Partial<FlagRelayOptions> = {},
  { prefix = '' } = {},
): Promise<TestRelay> {
  const source = memoryFlagSource();
  const provider = createFlagProvider({ source, log: { info: () => undefined, warn: () => undefined } });
  // Clients open connections ahead of what they ask, which would hold up its end.
  const app = Fastify({ forceCloseConnections: true });
  await app.register(flagRelay, { provider, keys: [serverKey, clientKey], prefix, ...options });
  const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}${prefix}`;
  const close = async (): Promise<void> => {
    await app.close();
    await provider.onClose();
  };
  onTestFinished(close);
  const ask = async (path: string, { key = serverKey, body, headers = {} }: Ask = {}): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key.key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
  return { url, source, provider, close, ask };
}
