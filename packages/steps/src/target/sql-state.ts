/** The SQLSTATE of an error that Postgres answered with; undefined for any other error. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

export const sqlStates = {
  lockNotAvailable: '55P03',
  deadlockDetected: '40P01',
  serializationFailure: '40001',
  queryCanceled: '57014',
} as const;

/** Somebody was in the way: the same work can succeed a moment later. */
export function isContention(error: unknown): boolean {
  const state = sqlStateOf(error);
  return (
    state === sqlStates.lockNotAvailable ||
    state === sqlStates.deadlockDetected ||
    state === sqlStates.serializationFailure
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Whether Postgres has said that the statement itself is wrong: trying it again will not mend it. Lost connections, locks,
 * time-outs, missing resources and faults of the server may pass.
 */
export function isPermanent(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state !== undefined && !isContention(error) && !/^(08|25P0[34]|40|53|55|57|58|XX)/.test(state);
}
