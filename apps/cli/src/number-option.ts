import { Refusal } from './exit-codes.ts';

interface Range {
  readonly minimum: number;
  readonly maximum: number;
  readonly whole?: boolean;
}

/**
 * Reads the number that an option is given, written in digits such as 20000 or 0.5.
 * @throws Refusal that names the option, what was given and what was expected.
 */
export function numberOption(option: string, range: Range): (text: string) => number {
  const { minimum, maximum, whole = false } = range;
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    const fits = value >= minimum && value <= maximum && (!whole || Number.isSafeInteger(value));
    if (fits) return value;
    const kind = whole ? 'a whole number' : 'a number';
    throw new Refusal(
      `${option} ${text === '' ? '""' : text.slice(0, 100)}: expected ${kind} from ${minimum} to ${maximum}`,
    );
  };
}
