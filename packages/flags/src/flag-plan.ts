/** What the flags of one plan say at one moment, before it is compiled into a flagd document. */
export interface FlagPlan {
  /** The plan's name. The flags that it opens share it, so that all of them take the same people; printable ASCII. */
  readonly seed: string;
  readonly flags: readonly FlagExposure[];
  readonly parameters: readonly FlagParameter[];
}

export interface FlagExposure {
  readonly key: string;
  /** Of a flag that another plan opened: that plan's, so that its percentages go on taking the same people. */
  readonly seed?: string | undefined;
  /** Off for everybody, whatever the audiences say. */
  readonly killed: boolean;
  /** The flag is on for whoever is in any of them. */
  readonly audiences: readonly FlagAudience[];
}

export interface FlagAudience {
  /** The segment's name; null means everybody. */
  readonly segment: string | null;
  /** 0…100 with at most three decimals, of that segment. */
  readonly percentage: number;
}

export interface FlagParameter {
  readonly key: string;
  readonly value: number;
}

/** A plan that flagd would accept and then answer with the default, or with different people in different languages. */
export class FlagPlanError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`these flags cannot be compiled:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
    this.name = 'FlagPlanError';
    this.problems = problems;
  }
}

/** flagd's buckets: `fractional` gets whole weights that add up to this many, for every flag and for ever. */
export const bucketCount = 100_000;

/** The weight that flagd takes for a percentage: 5 → 5,000. */
export function bucketsOf(percentage: number): number {
  return Math.round((percentage * bucketCount) / 100);
}

/** Everything that is wrong with a plan, one sentence each; none means that it compiles. */
export function problemsOf(plan: FlagPlan): string[] {
  return [
    ...[plan.seed, ...plan.flags.flatMap(({ seed }) => seed ?? [])].flatMap(seedProblems),
    ...keyProblems(plan),
    ...plan.flags.flatMap((flag) => flag.audiences.flatMap((audience) => audienceProblems(flag, audience))),
    ...plan.parameters.flatMap(parameterProblems),
  ];
}

/** Letters whose UTF-16 units and UTF-8 bytes are the same: all implementations of flagd hash them alike. */
export function isPrintableAscii(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}

function seedProblems(seed: string): string[] {
  if (isPrintableAscii(seed)) return [];
  return [
    `seed ${JSON.stringify(seed)}: expected printable ASCII, since others are hashed differently elsewhere`,
  ];
}

function keyProblems({ flags, parameters }: FlagPlan): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const { key } of [...flags, ...parameters]) {
    if (!/^[\x21-\x7e]+$/.test(key)) {
      problems.push(`key ${JSON.stringify(key)}: expected printable ASCII without blanks`);
    }
    if (seen.has(key)) problems.push(`key "${key}": expected once, found again`);
    seen.add(key);
  }
  return problems;
}

function audienceProblems({ key }: FlagExposure, { segment, percentage }: FlagAudience): string[] {
  const place = `flag "${key}", ${segment === null ? 'everybody' : `segment "${segment}"`}`;
  const problems: string[] = [];
  if (segment === '') problems.push(`${place}: expected a segment's name, or null for everybody`);
  if (!(percentage >= 0 && percentage <= 100)) {
    problems.push(`${place}: percentage ${percentage}: expected 0 to 100`);
  } else if (Math.abs(bucketsOf(percentage) - (percentage * bucketCount) / 100) > 1e-6) {
    problems.push(`${place}: percentage ${percentage}: expected at most three decimals`);
  }
  return problems;
}

function parameterProblems({ key, value }: FlagParameter): string[] {
  return Number.isFinite(value) ? [] : [`parameter "${key}": value ${value}: expected a finite number`];
}
