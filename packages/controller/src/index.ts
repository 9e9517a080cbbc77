export type {
  ControllerEnd,
  ControllerOptions,
  ControllerSnapshot,
  Leadership,
} from './controller-options.ts';
export type { EffectReport } from './effect-runner.ts';
export { defaultEffectRetry, performWithRetries } from './perform-with-retries.ts';
export type { EffectRetry } from './perform-with-retries.ts';
export { flagPlanOf } from './flag-plan-of.ts';
export { createOpenMetricsScraper, type MetricsScraper, type ScraperOptions } from './metrics/scraper.ts';
export { appendOperatorCommand, type OperatorCommandOptions } from './operator-command.ts';
export { createPostgresTarget, type PostgresTargetOptions } from './postgres-target.ts';
export { runController } from './run-controller.ts';
export { systemClock, systemRandom } from './system-ports.ts';
