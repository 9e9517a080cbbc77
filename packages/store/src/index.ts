export { createCuttableClient } from './cuttable-client.ts';
export type { CuttableClient } from './cuttable-client.ts';
export { createMemoryStore } from './memory-store.ts';
export { askForSession } from './pooler.ts';
export type { ServerSession } from './pooler.ts';
export { createPostgresStore, openPostgresStore } from './postgres-store.ts';
export type { PostgresStoreOptions } from './postgres-store.ts';
