export { flagRelay } from './flag-relay.ts';
export type { FlagRelayOptions } from './flag-relay.ts';
export type { StreamLimits } from './event-streams.ts';
export { keyProblems } from './relay-key.ts';
export type { RelayKey } from './relay-key.ts';
export { OrderRefused } from './switch-routes.ts';
export type { FlagOrder, SwitchFlags } from './switch-routes.ts';
export type { TakeTelemetry } from './telemetry-route.ts';
