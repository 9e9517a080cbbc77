export { postgresFlagSource } from './postgres-flag-source.ts';
export type { PostgresFlagSourceOptions } from './postgres-flag-source.ts';
