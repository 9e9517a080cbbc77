import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'apps/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    globalSetup: ['tools/compiled-code.ts', 'tools/test-database.ts'],
    // Two cores are the smallest machine this must pass on: more workers only make each other slow.
    maxWorkers: 2,
    reporters: ['default', './tools/plain-summary.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
