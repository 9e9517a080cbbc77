import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import Fastify, { LogController, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { openDatabase } from './database.ts';
import { answerError, answerNotFound } from './error-handler.ts';
import { createFeatures, type RevisionedProvider } from './features.ts';
import type { Log } from './log.ts';
import { createLoginThrottle } from './login-throttle.ts';
import { addGauges, createMetrics, type Metrics } from './metrics.ts';
import type { Parley } from './parley.ts';
import { createQueryCache } from './query-cache.ts';
import { createRealtime } from './realtime.ts';
import { countRequests } from './request-metrics.ts';
import { addRoutes } from './routes/all-routes.ts';

const BODY_LIMIT_BYTES = 64 * 1024;

export type ParleyServerOptions = {
  connectionString: string;
  /** Makes what flags come from. Without a document of it, everything is as in Batch 1. */
  openFlags: (log: Log) => RevisionedProvider;
  logger?: FastifyServerOptions['logger'];
  maxConnections?: number;
  sweepIntervalMs?: number;
};

export type ParleyServer = { app: FastifyInstance; metrics: Metrics };

/** One Parley process, not yet listening. Closing `app` closes everything it opened. */
export async function buildServer(options: ParleyServerOptions): Promise<ParleyServer> {
  const { connectionString, openFlags, logger = false, maxConnections, sweepIntervalMs } = options;
  const app = Fastify({
    logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 15_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
  });
  const log = app.log;
  const database = openDatabase({
    connectionString,
    log,
    ...(maxConnections === undefined ? {} : { maxConnections }),
  });
  const features = createFeatures(openFlags(log));
  const metrics = createMetrics();
  const realtime = createRealtime({
    server: app.server,
    database,
    connectionString,
    log,
    ...(sweepIntervalMs === undefined ? {} : { sweepIntervalMs }),
  });
  features.onChange(() => realtime.flagsChanged());
  addGauges(metrics, { sockets: () => realtime.sockets(), flagRevision: () => features.revision() });
  const cache = createQueryCache();
  const parley: Parley = {
    database,
    features,
    cache,
    metrics,
    realtime,
    loginThrottle: createLoginThrottle(),
  };

  // Sockets first (they would keep the HTTP server open), what requests need last.
  app.addHook('preClose', async () => await realtime.close());
  app.addHook('onClose', async () => {
    await features.close();
    await database.close();
  });
  await configure(app, metrics);
  await addRoutes(app.withTypeProvider<ZodTypeProvider>(), parley);
  return { app, metrics };
}

async function configure(app: FastifyInstance, metrics: Metrics): Promise<void> {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  acceptJsonOnly(app);
  countRequests(app, metrics);
  await app.register(helmet, {
    // An API: nothing of it is a page, and nothing may be framed or run.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    referrerPolicy: { policy: 'no-referrer' },
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Parley', version: '1', description: 'A team messenger.' },
      components: { securitySchemes: { session: { type: 'http', scheme: 'bearer' } } },
      security: [{ session: [] }],
    },
    transform: jsonSchemaTransform,
  });
}

/** Fastify also takes plain text. A body that announces JSON and is empty counts as none. */
function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = typeof body === 'string' ? body : body.toString();
    if (text === '') return done(null, undefined);
    // It answers through `done`, and returns nothing to wait for.
    void parse(request, text, done);
  });
}
