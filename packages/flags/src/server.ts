export type { FlagAnswer } from './evaluation/flag-evaluator.ts';
export type { FlagLog } from './flag-log.ts';
export { createFlagProvider } from './flag-provider.ts';
export type { FlagProvider, FlagProviderOptions } from './flag-provider.ts';
export type { FlagSnapshot, FlagSource } from './flag-source.ts';
export { memoryFlagSource } from './memory-flag-source.ts';
export type { MemoryFlagSource } from './memory-flag-source.ts';
export { postgresFlagSource } from './postgres-flag-source.ts';
export type { PostgresFlagSourceOptions } from './postgres-flag-source.ts';
