import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import Fastify, { LogController, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { acceptJsonOnly } from './accept-json-only.ts';
import { answerInTime } from './answer-in-time.ts';
import { bodyInTime } from './body-in-time.ts';
import { answerClientErrors, answerExpectation } from './client-error.ts';
import { openDatabase } from './database.ts';
import { drainConnections } from './drain-connections.ts';
import { answerError, answerNotFound } from './error-handler.ts';
import { LIMITS, type Limits } from './limits.ts';
import { createLoginThrottle } from './login-throttle.ts';
import { addGauges, createMetrics, type Metrics } from './metrics.ts';
import type { Parley, Workspace } from './parley.ts';
import { createRealtime } from './realtime.ts';
import type { OpenRelease } from './release.ts';
import { countRequests } from './request-metrics.ts';
import { addRoutes } from './routes/all-routes.ts';
import { serveWeb } from './serve-web.ts';
import { SESSION_COOKIE } from './sessions.ts';

const BODY_LIMIT_BYTES = 64 * 1024;

export type ParleyServerOptions = {
  connectionString: string;
  /** Of the server itself, where `connectionString` leads through a pooler: LISTEN needs it. */
  directConnectionString?: string;
  /** What it is beside what every release is. */
  openRelease: OpenRelease;
  logger?: FastifyServerOptions['logger'];
  maxConnections?: number;
  sweepIntervalMs?: number;
  /** Whom to believe which address a request came from (X-Forwarded-For): addresses or networks of proxies. */
  trustedProxies?: string[];
  limits?: Limits;
  workspace?: Workspace;
  /** A folder with the built web app, to be served beside the API. */
  webFolder?: string;
};

export type ParleyServer = { app: FastifyInstance; metrics: Metrics };

/** One Parley process, not yet listening. Closing `app` closes everything it opened. */
export async function buildServer(options: ParleyServerOptions): Promise<ParleyServer> {
  const { connectionString, openRelease, logger = false, maxConnections, sweepIntervalMs } = options;
  const { limits = LIMITS, trustedProxies = [] } = options;
  const app = Fastify({
    logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    http: {
      headersTimeout: limits.request.headersMs,
      connectionsCheckingInterval: limits.request.checkEveryMs,
    },
    requestTimeout: limits.request.fileMs,
    connectionTimeout: limits.request.silentMs,
    forceCloseConnections: 'idle',
    // Those that come while it stops are answered in our own words: see drain-connections.ts.
    return503OnClosing: false,
    trustProxy: trustedProxies.length > 0 && trustedProxies,
    clientErrorHandler: answerClientErrors(limits.request),
    frameworkErrors: answerError,
    routerOptions: { maxParamLength: 200 },
  });
  app.server.on('checkExpectation', answerExpectation);
  const log = app.log;
  const database = openDatabase({
    connectionString,
    log,
    limits: limits.database,
    ...(maxConnections === undefined ? {} : { maxConnections }),
  });
  bodyInTime(app, limits.request);
  answerInTime(app, limits.request.answerMs);
  drainConnections(app);
  const metrics = createMetrics();
  const release = openRelease({ app, database, metrics, log });
  const { features, history, search, checkCache } = release;
  const realtime = createRealtime({
    server: app.server,
    database,
    connectionString: options.directConnectionString ?? connectionString,
    log,
    limits: limits.listening,
    trustedProxies,
    ...(sweepIntervalMs === undefined ? {} : { sweepIntervalMs }),
  });
  features.onChange(() => realtime.flagsChanged());
  addGauges(metrics, { sockets: () => realtime.sockets(), flagRevision: () => features.revision() });
  const parley: Parley = {
    database,
    features,
    history,
    search,
    checkCache,
    metrics,
    realtime,
    loginThrottle: createLoginThrottle(),
    workspace: options.workspace ?? { name: 'Parley', signUp: false },
  };

  // Sockets first (they would keep the HTTP server open), what requests need last.
  app.addHook('preClose', async () => await realtime.close());
  app.addHook('onClose', async () => {
    await release.close();
    await database.close();
  });
  await configure(app, metrics);
  await addRoutes(app.withTypeProvider<ZodTypeProvider>(), parley, release.addRoutes);
  if (options.webFolder !== undefined) await serveWeb(app, options.webFolder);
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
      components: {
        securitySchemes: {
          session: { type: 'http', scheme: 'bearer' },
          browser: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
        },
      },
      security: [{ session: [] }, { browser: [] }],
    },
    transform: jsonSchemaTransform,
  });
}
