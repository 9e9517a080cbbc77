import { compileFlagDocument } from '@crossfade/flags';

/** Three segments with a share each, and a share of everybody else: in percent. */
export const shares = { staff: 100, power_users: 50, active_users: 20, everybody: 5 } as const;
export const segmentNames = ['staff', 'power_users', 'active_users'] as const;
export const audiences = [
  ...segmentNames.map((segment) => ({ segment, percentage: shares[segment] })),
  { segment: null, percentage: shares.everybody },
];

export interface Person {
  readonly id: string;
  readonly segments: readonly string[];
}

/** One in ten of the staff, two in ten power users, half active; the same people at every run. */
export function makePeople(count: number): readonly Person[] {
  const random = xorshift(0x2545f491);
  return Array.from({ length: count }, () => {
    const id = uuidFrom(random);
    const chances = { staff: 0.1, power_users: 0.2, active_users: 0.5 };
    return { id, segments: segmentNames.filter((name) => random() / 2 ** 32 < chances[name]) };
  });
}

/** The flag "search" for these shares, as a flagd document. */
export function flagDocument(more = 0): string {
  const others = Array.from({ length: more }, (_, at) => `other_${at}`);
  const flags = ['search', ...others].map((key) => ({ key, killed: false, audiences }));
  return compileFlagDocument({ seed: 'bench', flags, parameters: [] }).document;
}

/** Marsaglia's xorshift32: unsigned integers of 32 bits. */
function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function uuidFrom(random: () => number): string {
  const hex = Array.from({ length: 4 }, () => random().toString(16).padStart(8, '0')).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}
