import { flagRelay, OrderRefused, type FlagOrder, type RelayKey, type TakeTelemetry } from '@crossfade/relay';
import {
  BatchRefusedError,
  parseBatch,
  postgresTelemetrySink,
  type PostgresTelemetrySink,
  type TelemetryBatch,
} from '@crossfade/telemetry/server';
import { postgresFlagSource } from '@crossfade/flags/postgres';
import { createFlagProvider } from '@crossfade/flags/server';
import Fastify from 'fastify';
import { loadJournal, pinnedPlan, withStore } from '../control.ts';
import { DatabaseAwayError, isDatabaseAway } from '../database-away.ts';
import { errorText } from '../error-text.ts';
import { Refusal } from '../exit-codes.ts';
import { chosenFlags, switchFlags } from '../flags/switch-flags.ts';

export interface RelayOptions {
  readonly databaseUrl: string;
  /** Past a pooler, where there is one: it carries no notifications. */
  readonly directUrl: string;
  readonly keys: readonly RelayKey[];
  readonly host: string;
  readonly port: number;
  readonly backupFile?: string;
  /** What goes on, for whoever watches. */
  readonly tell: (line: string) => void;
}

export interface RunningRelay {
  readonly url: string;
  /** Streams end, requests that are under way are answered; takes two seconds at most. */
  close(): Promise<void>;
}

const pollIntervalMs = 2_000;
const patienceMs = 2_000;

/** Serves the flags of a database over HTTP. It begins, and goes on, whether or not the database can be reached. */
export async function serveRelay(options: RelayOptions): Promise<RunningRelay> {
  const { databaseUrl, directUrl, keys, host, port, backupFile, tell } = options;
  const say = (fields: object, message: string): void =>
    tell('err' in fields && fields.err instanceof Error ? `${message}: ${fields.err.message}` : message);
  const provider = createFlagProvider({
    source: postgresFlagSource({
      connectionString: directUrl,
      pollIntervalMs,
      applicationName: 'crossfade-relay',
    }),
    ...(backupFile !== undefined && { backupFile }),
    log: { info: say, warn: say },
  });
  const sink = postgresTelemetrySink({ connectionString: databaseUrl, applicationName: 'crossfade-relay' });
  const app = Fastify({ bodyLimit: 65_536, requestTimeout: 15_000 });
  app.get('/livez', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const ok = provider.isKnown();
    return await reply.status(ok ? 200 : 503).send({ status: ok ? 'ok' : 'unavailable' });
  });
  await app.register(flagRelay, {
    provider,
    keys,
    switchFlags: async (order) => await carryOut(databaseUrl, order),
    takeTelemetry: takeInto(sink),
  });
  app.addHook('onClose', async () => await sink.close());
  await provider.initialize();
  try {
    const url = await app.listen({ host, port });
    return { url, close: async () => await close(app, provider) };
  } catch (error) {
    await close(app, provider);
    throw error;
  }
}

async function close(
  app: ReturnType<typeof Fastify>,
  provider: ReturnType<typeof createFlagProvider>,
): Promise<void> {
  // Connections that clients opened ahead of what they would ask are of no use to anybody.
  const impatience = setTimeout(() => app.server.closeAllConnections(), patienceMs);
  await app.close();
  clearTimeout(impatience);
  await provider.onClose();
}

/** What applications in other networks report, as those beside the database write it themselves. */
function takeInto(sink: PostgresTelemetrySink): TakeTelemetry {
  return async (found, source) => {
    const batch = readBatch(found, source);
    try {
      await sink.send(batch, source);
    } catch (error) {
      if (error instanceof BatchRefusedError) throw new OrderRefused(error.message);
      throw new OrderRefused(`the database cannot take it now: ${errorText(error)}`, 503);
    }
  };
}

/**
 * What a page says is taken without what it cannot know: how a server's requests went, and since when a process of the application
 * goes by its flags.
 * @throws {OrderRefused} for what is no batch.
 */
function readBatch(found: unknown, source: string): TelemetryBatch {
  try {
    const batch = parseBatch(found);
    return source.startsWith('client ') ? { ...batch, windows: [], receipts: [] } : batch;
  } catch (error) {
    throw new OrderRefused(errorText(error));
  }
}

/** As `crossfade flags disable` does, with the key's name in the journal. */
async function carryOut(database: string, order: FlagOrder): Promise<readonly string[]> {
  try {
    return await withStore({ database }, async (store) => {
      const { journal } = await loadJournal(store);
      const bound = await pinnedPlan(store, journal);
      if (!bound) throw new OrderRefused('no plan has been run on this database yet, so it has no flags');
      const flags = chosenFlags(bound, journal, order.flags);
      const { action, reason, operator } = order;
      await switchFlags(store, bound, {
        off: action === 'disable',
        flags,
        reason,
        actor: `${operator} (relay)`,
      });
      return flags;
    });
  } catch (error) {
    if (error instanceof DatabaseAwayError) throw new OrderRefused(error.message, 503);
    if (error instanceof Refusal)
      throw new OrderRefused(error.message, isDatabaseAway(error.cause) ? 503 : 400);
    throw error;
  }
}
