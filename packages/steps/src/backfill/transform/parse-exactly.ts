import { TransformFault } from './transform-process.ts';

/** As Node has it; the types of the language do not know what a reviver is told yet. */
const parse: (
  text: string,
  reviver: (key: string, value: unknown, context?: { readonly source?: string }) => unknown,
) => unknown = JSON.parse;

/**
 * JSON whose numbers are what Postgres has, to the last digit.
 * @throws TransformFault that names the column and the first number that would become another one.
 */
export function parseExactly(column: string, text: string): unknown {
  return parse(text, (_, value, { source } = {}) => {
    if (typeof value === 'number' && source !== undefined && canonical(source) !== canonical(String(value)))
      throw new TransformFault(
        `${column}: the number ${source.slice(0, 40)} in it would become ${value}; expected numbers that JavaScript has, or a column of text`,
      );
    return value;
  });
}

/** `1.50`, `15e-1` and `1.5` are one number: `15e-1`. Anything else (`Infinity`) is itself. */
function canonical(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  if (whole === '') return number;
  if (kept === '') return '0';
  return `${sign}${kept}e${Number(exponent) - fraction.length + (digits.length - kept.length)}`;
}
