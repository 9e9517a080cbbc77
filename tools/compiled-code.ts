import { join } from 'node:path';

/**
 * Vitest's global set-up: the processes that tests start keep their compiled code, as those of `crossfade` do. Not when
 * coverage is measured: functions from the cache are counted less exactly.
 */
export default function setup({ config }: { config: { coverage: { enabled: boolean } } }): void {
  if (config.coverage.enabled) return;
  process.env['NODE_COMPILE_CACHE'] ||= join(
    import.meta.dirname,
    '..',
    'node_modules',
    '.cache',
    'crossfade',
  );
}
