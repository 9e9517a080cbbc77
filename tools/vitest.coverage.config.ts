import { defineConfig, mergeConfig } from 'vitest/config';
import usual from '../vitest.config.ts';

/** The tests of the packages, with what they reach of them; below the thresholds the run fails. */
export default mergeConfig(
  usual,
  defineConfig({
    test: {
      coverage: {
        enabled: true,
        provider: 'v8',
        include: ['packages/*/src/**/*.ts'],
        // What serves the tests themselves.
        exclude: ['**/*.test.ts', '**/testing/**', '**/testing.ts'],
        reporter: ['text-summary', 'json-summary', 'html'],
        reportOnFailure: true,
        reportsDirectory: 'coverage',
        thresholds: { lines: 95, branches: 95 },
      },
    },
  }),
);
