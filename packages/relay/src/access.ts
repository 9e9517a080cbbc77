import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KeyRing, RelayKey } from './relay-key.ts';

/** A request that is not answered, with its status and the words for it. */
export class Refused extends Error {
  readonly statusCode: number;

  constructor(statusCode: 401 | 403 | 413 | 503, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** @throws {Refused} 403, where the key is of another kind than is needed. */
export function assertKind({ name, kind }: RelayKey, needed: readonly RelayKey['kind'][]): void {
  if (needed.includes(kind)) return;
  throw new Refused(403, `key of "${name}": expected a key of kind ${needed.join(' or ')}, found ${kind}`);
}

/** Lets in whoever shows a key; `keyOf` then tells whose it was. */
export function requireKey(app: FastifyInstance, ring: KeyRing): (request: FastifyRequest) => RelayKey {
  const keys = new WeakMap<FastifyRequest, RelayKey>();
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const key = shownKey(ring, request);
    if (key === undefined) {
      void reply.header('www-authenticate', 'Bearer');
      throw new Refused(
        401,
        'expected a key that is known here, as "authorization: Bearer …" or "x-api-key: …"',
      );
    }
    assertOrigin(key, request.headers.origin);
    keys.set(request, key);
  });
  return (request) => {
    const key = keys.get(request);
    if (key === undefined) throw new Error('keyOf: expected a request that was let in');
    return key;
  };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Lets in whoever shows a token that allows no more than to listen for changes. */
    readonly streamToken?: true;
  }
}

function shownKey(ring: KeyRing, { headers, query, routeOptions }: FastifyRequest): RelayKey | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const secret = bearer ?? headers['x-api-key'];
  if (typeof secret === 'string') return ring.find(secret);
  // A browser's EventSource can send no headers.
  if (routeOptions.config.streamToken !== true) return undefined;
  const token = (query as Readonly<Record<string, unknown>>)['token'];
  return typeof token === 'string' ? ring.findByStreamToken(token) : undefined;
}

/** A key of a web page is of no use on somebody else's page; whoever is no browser sends no origin. */
function assertOrigin({ name, origins = [] }: RelayKey, origin: string | undefined): void {
  if (origin === undefined || origins.includes(origin)) return;
  throw new Refused(403, `origin ${JSON.stringify(origin)}: expected one that the key of "${name}" is for`);
}
