const names = ['batch-1', 'batch-2'] as const;

export type ReleaseName = (typeof names)[number];

/** The one that was asked for. @throws Error that says which ones there are. */
export function releaseNameOf(given: readonly string[]): ReleaseName {
  const [asked = ''] = given;
  const name = names.find((known) => known === asked);
  if (name === undefined || given.length > 1)
    throw new Error(`release ${given.join(' ') || '(none)'}: expected one of ${names.join(', ')}`);
  return name;
}

/** What the sources know it by: the constant PARLEY_BATCH. */
export const batchOf = (name: ReleaseName): '1' | '2' => (name === 'batch-1' ? '1' : '2');
