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
  /** People for whom it was decided one by one, as long as the flag is on for anybody at all. */
  readonly overrides?: FlagOverrides | undefined;
}

/** Targeting keys. Off wins where a key stands in both. */
export interface FlagOverrides {
  readonly on: readonly string[];
  readonly off: readonly string[];
}

export interface FlagAudience {
  /** The segment's name; null means everybody. */
  readonly segment: string | null;
  /** 0…100 with at most three decimals, of that segment. */
  readonly percentage: number;
  /**
   * 0…100 with at most three decimals: the share of the segment that stays off and is told apart from who is merely not yet in,
   * by the variant "control". The last of the line of buckets, so that they are the same people for all flags of one seed.
   */
  readonly holdBack?: number | undefined;
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

/** They stand in the document that every client gets: more people than that are a segment. */
const mostOverrides = 1_000;

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
    ...plan.flags.flatMap(overrideProblems),
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

function audienceProblems({ key }: FlagExposure, audience: FlagAudience): string[] {
  const { segment, percentage, holdBack = 0 } = audience;
  const place = `flag "${key}", ${segment === null ? 'everybody' : `segment "${segment}"`}`;
  const problems = [
    ...shareProblems(`${place}: percentage`, percentage),
    ...shareProblems(`${place}: hold-back`, holdBack),
  ];
  if (segment === '') problems.push(`${place}: expected a segment's name, or null for everybody`);
  if (bucketsOf(percentage) + bucketsOf(holdBack) > bucketCount) {
    problems.push(
      `${place}: percentage ${percentage} and hold-back ${holdBack}: expected 100 together at most`,
    );
  }
  return problems;
}

function shareProblems(place: string, percentage: number): string[] {
  if (!(percentage >= 0 && percentage <= 100)) return [`${place} ${percentage}: expected 0 to 100`];
  const isWhole = Math.abs(bucketsOf(percentage) - (percentage * bucketCount) / 100) <= 1e-6;
  return isWhole ? [] : [`${place} ${percentage}: expected at most three decimals`];
}

function overrideProblems({ key, overrides }: FlagExposure): string[] {
  const people = [...(overrides?.on ?? []), ...(overrides?.off ?? [])];
  const problems = people
    .filter((person) => !isPrintableAscii(person))
    .map((person) => `flag "${key}", override for ${JSON.stringify(person)}: expected printable ASCII`);
  if (people.length > mostOverrides) {
    problems.push(
      `flag "${key}": ${people.length} overrides: expected ${mostOverrides} at most, or a segment`,
    );
  }
  return problems;
}

function parameterProblems({ key, value }: FlagParameter): string[] {
  return Number.isFinite(value) ? [] : [`parameter "${key}": value ${value}: expected a finite number`];
}
