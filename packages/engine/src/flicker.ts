/** In real time. */
export const flickerMs = 10_000;
const mostMoments = 3;

/** The last few moments, with this one as the newest. */
export function withMoment(moments: readonly number[], atMs: number): readonly number[] {
  return [...moments, atMs].slice(-mostMoments);
}

/**
 * Whether something comes and goes so often that the journal need not tell of it again just now: the journal is kept for good,
 * and what flickers each second for weeks must not fill it.
 */
export function flickers(moments: readonly number[], atMs: number): boolean {
  const [oldest] = moments;
  return moments.length === mostMoments && oldest !== undefined && atMs - oldest < flickerMs;
}
