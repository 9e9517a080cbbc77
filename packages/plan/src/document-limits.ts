/** How large a plan.yaml may be. No plan comes near it; a mistake or a bomb is refused before it takes time or memory. */
export const documentLimits = {
  largestBytes: 1_000_000,
  /** Brackets, colons, scalars, the spaces between them: ten for each value, which is more than plans have. */
  mostLexemes: 200_000,
  /** Maps, lists and scalars, counted where aliases lead to them as well. */
  mostValues: 20_000,
  mostAliases: 64,
  deepest: 60,
  /** Findings repeat the keys above them: the longest that a plan knows has 64 characters. */
  longestKey: 256,
} as const;
