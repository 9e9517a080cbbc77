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

const words: Readonly<Record<ControllerEnd['status'], string>> = {
  completed: 'is completed',
  rolled_back: 'was taken back: everything is as before',
  rollback_failed: 'could not be taken back whole: "crossfade status" says why',
  stopped: 'is interrupted: the same command goes on with it',
  lost_lease: 'is carried out by another controller now',
};

/** The exit code of a run's end, and the one JSON document for scripts. With --quiet it is the one line for people. */
export function endOf(end: ControllerEnd, output: Output): ExitCode {
  const name = end.runId === null ? 'The run' : `Run ${end.runId}`;
  if (output.quiet) output.result(`${name} ${words[end.status]}.`);
  output.data({ status: end.status, runId: end.runId });
  return codes[end.status];
}
