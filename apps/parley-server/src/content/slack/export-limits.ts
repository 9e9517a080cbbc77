import { ZIP_LIMITS } from './slack-zip.ts';

/**
 * What an export may hold, far above what a workspace has: a small zip can claim millions of anything, and each costs
 * memory and time before a first row is stored.
 */
export const EXPORT_LIMITS = {
  ...ZIP_LIMITS,
  people: 200_000,
  /** In all files that list conversations together. */
  conversations: 200_000,
  /** Members of all conversations together, each counted once in each. */
  memberships: 1_000_000,
  /** In one conversation: a real day file with so many would be over 64 MB. */
  messagesADay: 500_000,
};

export type ExportLimits = typeof EXPORT_LIMITS;
