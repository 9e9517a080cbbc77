import type { ControllerEnd } from '@crossfade/controller';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { Output } from './output.ts';

const codes: Readonly<Record<ControllerEnd['status'], ExitCode>> = {
  completed: exitCodes.ok,
  rolled_back: exitCodes.rolledBack,
  rollback_failed: exitCodes.failed,
  stopped: exitCodes.interrupted,
  lost_lease: exitCodes.interrupted,
};

/** The exit code of a run's end, and the one JSON document for scripts. */
export function endOf(end: ControllerEnd, output: Output): ExitCode {
  output.data({ status: end.status, runId: end.runId });
  return codes[end.status];
}
