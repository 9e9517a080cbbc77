import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a test run with why tests were not run here, and one plain line, `12 passed, 0 failed, 0 skipped`, for people and
 * programs that read only the end.
 */
export default class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const notRun = new Map<string, number>();
    for (const module of modules) {
      // A file that could not even be loaded has no tests to count, and is a failure all the same.
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const result = test.result();
        counts[result.state] += 1;
        if (result.state !== 'skipped') continue;
        const reason =
          result.note ?? `left out by a filter, or without saying why, in ${module.relativeModuleId}`;
        notRun.set(reason, (notRun.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, tests] of notRun) process.stdout.write(`not run: ${tests} × ${reason}\n`);
    process.stdout.write(
      `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped\n`,
    );
  }
}
