export { createMemoryStore } from './memory-store.ts';
export { createPostgresStore } from './postgres-store.ts';
export type { PostgresStoreOptions } from './postgres-store.ts';
