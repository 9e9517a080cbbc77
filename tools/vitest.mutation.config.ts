import { defineConfig } from 'vitest/config';

/** The tests that a mutation of `plan` or `engine` is held against: their own, which need no database. */
export default defineConfig({
  test: {
    include: ['packages/plan/**/*.test.ts', 'packages/engine/**/*.test.ts'],
    // Reads the code as text, which is not that of the mutation.
    exclude: ['packages/engine/src/purity.test.ts'],
    testTimeout: 30_000,
  },
});
