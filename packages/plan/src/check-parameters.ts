import type { DocumentPath } from './finding.ts';
import type { Report } from './report.ts';
import type { ParameterValue } from './vocabulary.ts';

/** Values that a step gives to parameters beyond what the plan declares of them. */
export function checkParameterValues(
  values: readonly ParameterValue[],
  stepPath: DocumentPath,
  report: Report,
): void {
  for (const { setting, parameter, value } of values) {
    const minimum = report.valueAt(['parameters', parameter, 'minimum']);
    const maximum = report.valueAt(['parameters', parameter, 'maximum']);
    // A parameter that is missing or has no limits is told elsewhere.
    if (typeof minimum !== 'number' || typeof maximum !== 'number') continue;
    if (minimum <= value && value <= maximum) continue;
    report.add({
      path: [...stepPath, setting],
      message: `${setting} cannot be ${value}.`,
      expected: `a number from ${minimum} to ${maximum}, the limits of ${parameter}`,
    });
  }
}
