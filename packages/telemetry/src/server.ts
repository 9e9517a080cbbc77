export { BatchRefusedError, parseBatch } from './batch.ts';
export { countFlagRequests, currentRequest } from './fastify-telemetry.ts';
export { postgresTelemetrySink } from './postgres-sink.ts';
export type { PostgresTelemetrySink, PostgresTelemetrySinkOptions } from './postgres-sink.ts';
export * from './index.ts';
