export { assertUsableDatabase, ForeignDatabaseError, UnsupportedPostgresError } from './usable-database.ts';
export type { UsableDatabase } from './usable-database.ts';
export { redactUrl } from './database-url.ts';
export { openDatabase } from './open-database.ts';
export type { OpenDatabase } from './open-database.ts';
export { startEmbeddedPostgres } from './embedded-postgres.ts';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded-postgres.ts';
