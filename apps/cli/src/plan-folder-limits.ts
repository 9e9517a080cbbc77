/** How much the folder of a plan may hold. What is read of it is bounded before it is read. */
export const planFolderLimits = {
  mostFiles: 1_000,
  deepestFolders: 8,
  /** Of one file: the plan.yaml, an SQL file, a message. */
  largestFileBytes: 1_000_000,
  /** Of all its files together. */
  largestPlanCharacters: 16_000_000,
} as const;
