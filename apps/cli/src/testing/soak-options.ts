import { parseArgs } from 'node:util';

export const soakUsage = `npm run soak -- [--seeds N | --seed N] [--fault NAME]... [--at-a-time N] [--json]

  --seeds       how many seeds for each fault, counted from 1 (50 by default)
  --seed        this seed alone
  --fault       this fault alone; may be given several times
  --at-a-time   how many runs side by side (5 by default); they mostly wait
  --json        one JSON document on stdout; what is going on goes to stderr
`;

export interface SoakOptions {
  readonly seeds: readonly number[];
  /** Undefined: all there are. */
  readonly faults: readonly string[] | undefined;
  readonly atATime: number;
  readonly json: boolean;
}

/** @throws Error that says which word is wrong and what was expected. */
export function parseSoakOptions(argv: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { type: 'string', default: '50' },
      seed: { type: 'string' },
      fault: { type: 'string', multiple: true },
      'at-a-time': { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  return {
    seeds:
      values.seed === undefined ? firstSeeds('--seeds', values.seeds) : [wholeNumber('--seed', values.seed)],
    faults: values.fault,
    atATime: wholeNumber('--at-a-time', values['at-a-time']),
    json: values.json,
  };
}

/**
 * So many seeds, counted from 1.
 * @throws Error that says what was expected: with none, everything would pass.
 */
export function firstSeeds(option: string, count: string): readonly number[] {
  return Array.from({ length: wholeNumber(option, count) }, (_, index) => index + 1);
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number > 0) return number;
  throw new Error(`${option} ${text}: expected a whole number above 0`);
}
