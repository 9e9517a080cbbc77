import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import { ServerProviderEvents } from '@openfeature/server-sdk';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FlagProvider } from '@crossfade/flags/server';
import { requireKey } from './access.ts';
import { eventStreams } from './event-streams.ts';
import type { StreamLimits } from './event-streams.ts';
import { addOfrepRoutes } from './ofrep-routes.ts';
import { keyRing } from './relay-key.ts';
import type { RelayKey } from './relay-key.ts';
import { addSwitchRoutes } from './switch-routes.ts';
import type { SwitchFlags } from './switch-routes.ts';
import { addSyncRoutes } from './sync-routes.ts';
import { addTelemetryRoute } from './telemetry-route.ts';
import type { TakeTelemetry } from './telemetry-route.ts';

export interface FlagRelayOptions {
  /** Whose flags are served; its owner starts and closes it. */
  readonly provider: FlagProvider;
  readonly keys: readonly RelayKey[];
  readonly streams?: Partial<StreamLimits>;
  /** What an operator's key asks for, where this relay can do it. */
  readonly switchFlags?: SwitchFlags;
  /** Keeps what applications report of their flags, where this relay can. */
  readonly takeTelemetry?: TakeTelemetry;
}

const streamLimits: StreamLimits = {
  maxStreams: 20_000,
  heartbeatMs: 15_000,
  retryMs: { least: 1_000, most: 10_000 },
  maxUnreadBytes: 65_536,
};

/** A hundred browsers may be behind one address, each asking a few times a minute; a server may ask at every request it gets. */
const requestsPerMinute = { client: 1_000, server: 60_000, operator: 60 } as const;

/**
 * Flags for whoever does not evaluate them in its own process: OFREP for any language, the flagd document and the members of
 * segments for those who evaluate elsewhere, and a stream that tells when something changes. Answers from what its provider
 * knows, so that it goes on when Crossfade, or the database, is gone. A Fastify plugin; it may be registered with a prefix.
 * @throws {Error} where a key is not sound.
 */
export async function flagRelay(app: FastifyInstance, options: FlagRelayOptions): Promise<void> {
  const { provider, keys } = options;
  const ring = keyRing(keys);
  const streams = eventStreams({ ...streamLimits, ...options.streams }, () => provider.snapshot());
  const announce = (): void => streams.announce();
  provider.events.addHandler(ServerProviderEvents.ConfigurationChanged, announce);
  app.addHook('preClose', async () => {
    provider.events.removeHandler(ServerProviderEvents.ConfigurationChanged, announce);
    streams.close();
  });

  app.setErrorHandler(answerError);
  if (ring.origins.size > 0) {
    await app.register(cors, {
      origin: [...ring.origins],
      methods: ['GET', 'HEAD', 'POST'],
      allowedHeaders: ['authorization', 'content-type', 'if-none-match', 'last-event-id', 'x-api-key'],
      exposedHeaders: ['etag', 'retry-after'],
      maxAge: 86_400,
    });
  }
  const keyOf = requireKey(app, ring);
  await app.register(rateLimit, {
    // After the key is known.
    hook: 'preHandler',
    timeWindow: 60_000,
    max: (request: FastifyRequest) =>
      keyOf(request).requestsPerMinute ?? requestsPerMinute[keyOf(request).kind],
    keyGenerator: (request: FastifyRequest) => {
      const { name, kind } = keyOf(request);
      return kind === 'server' ? name : `${name} ${request.ip}`;
    },
  });
  addOfrepRoutes(app, { provider, streams, ring, keyOf });
  if (options.switchFlags !== undefined) addSwitchRoutes(app, { switchFlags: options.switchFlags, keyOf });
  if (options.takeTelemetry !== undefined)
    addTelemetryRoute(app, { takeTelemetry: options.takeTelemetry, keyOf });
  addSyncRoutes(app, { provider, keyOf });
}

/** OFREP's words for what goes wrong before a flag is looked at. */
function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode = 500, message } = error;
  const { key } = request.params as { readonly key?: string };
  if (statusCode >= 500 && statusCode !== 503) {
    request.log.error({ err: error }, 'a request for flags failed');
    return reply.status(500).send({ errorDetails: 'this request failed here: see the log of the relay' });
  }
  if (statusCode === 503) void reply.header('retry-after', '1');
  // Fastify's own codes (a body that is no JSON) are not OpenFeature's.
  const errorCode = error.code === 'INVALID_CONTEXT' || error.code === 'GENERAL' ? error.code : 'PARSE_ERROR';
  const named = key === undefined ? {} : { key };
  return reply
    .status(statusCode)
    .send(statusCode === 400 ? { ...named, errorCode, errorDetails: message } : { errorDetails: message });
}
