export type { Exposure, FeatureUse, Receipt, TelemetryBatch, TelemetrySink, WindowSummary } from './batch.ts';
export { httpTelemetrySink } from './http-sink.ts';
export type { HttpTelemetrySinkOptions } from './http-sink.ts';
export { createTelemetry } from './telemetry.ts';
export type { RequestScope, Telemetry, TelemetryLog, TelemetryOptions } from './telemetry.ts';
