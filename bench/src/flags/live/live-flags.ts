import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '@crossfade/local-postgres';
import { measureBulkOfrep } from './bulk-ofrep.ts';
import { cleaningUp } from './clean-up.ts';
import { startClient, type ClientProcess } from './client-process.ts';
import { openFlagPublisher, type FlagPublisher } from './flag-publisher.ts';
import { measurePropagation } from './flip-propagation.ts';
import { measureMassReturn } from './mass-return.ts';
import { startRelay, type RelayProcess } from './relay-process.ts';

/** Flags in a database, and what can be started over it; whatever was started ends with the measurement. */
export interface LiveFlags {
  readonly publisher: FlagPublisher;
  /** What an application shows the relays. */
  readonly key: string;
  startRelay(port?: number): Promise<RelayProcess>;
  startClient(file: URL, given: object): Promise<ClientProcess>;
}

const key = 'a-key-of-the-clients-of-a-bench';
/** More than any of them asks: that a relay refuses too many questions is not measured here. */
const keys = [{ name: 'bench', key, kind: 'server', requestsPerMinute: 1_000_000 }];

/** How soon a switched flag reaches whoever listens, and how fast a relay answers meanwhile: over a Postgres of its own. */
export async function liveFlags(): Promise<Record<string, number>> {
  return await cleaningUp(async (later) => {
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-bench-'));
    later(() => rmSync(folder, { recursive: true, force: true }));
    chmodSync(folder, 0o711); // The server's account must be able to walk through.
    const directory = join(folder, 'postgres');
    const starting = startEmbeddedPostgres({ directory });
    later(async () => await removeEmbeddedPostgres(directory));
    later(async () => (await starting).stop());
    const databaseUrl = await (await starting).ensureDatabase('bench');
    const publisher = await openFlagPublisher(databaseUrl);
    later(async () => await publisher.close());
    const keysFile = join(folder, 'keys.json');
    writeFileSync(keysFile, JSON.stringify({ keys }), { mode: 0o600 });
    /** Registered before it has started: a signal may come before. */
    const ending = async <T extends { kill(): void }>(started: Promise<T>): Promise<T> => {
      later(async () => (await started.catch(() => undefined))?.kill());
      return await started;
    };
    const live: LiveFlags = {
      publisher,
      key,
      startRelay: async (port) => await ending(startRelay(databaseUrl, keysFile, port)),
      startClient: async (file, given) => await ending(startClient(file, given)),
    };
    return {
      ...(await measurePropagation(live)),
      ...(await measureBulkOfrep(live)),
      ...(await measureMassReturn(live)),
    };
  });
}
