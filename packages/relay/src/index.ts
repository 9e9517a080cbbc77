export { flagRelay } from './flag-relay.ts';
export type { FlagRelayOptions } from './flag-relay.ts';
export type { StreamLimits } from './event-streams.ts';
export type { RelayKey } from './relay-key.ts';
