import { applyEvent, type AppendRequest, type EventDraft, type JournalState } from '@crossfade/engine';
import { compileFlagDocument } from '@crossfade/flags';
import type { Plan } from '@crossfade/plan';
import { flagPlanOf } from './flag-plan-of.ts';

/**
 * Adds to what is about to be journalled the flag document that it leads to, so that both come to be at once. Nothing is
 * added when applications have that document already, and the members of the segments that it asks for.
 */
export function withFlagDocument(
  plan: Plan,
  journal: JournalState,
  drafts: readonly EventDraft[],
  author: { readonly runId: string; readonly actor: string },
  nowMs: number,
): Pick<AppendRequest, 'entries' | 'flagDocument'> {
  const after = drafts.reduce((state, { runId, event }) => applyEvent(state, runId, event, nowMs), journal);
  const { document, digest } = compileFlagDocument(flagPlanOf(plan, after));
  // Who is in a segment stands beside the document: a new revision of the same one makes clients look.
  const hasGrown = drafts.some(({ event }) => event.type === 'segment.grown');
  if (digest === after.flagsDigest && !hasGrown) return { entries: drafts, flagDocument: null };
  const revision = after.flagsRevision + 1;
  const { runId, actor } = author;
  const published: EventDraft = { runId, actor, event: { type: 'flags.published', revision, digest } };
  return { entries: [...drafts, published], flagDocument: { revision, digest, document } };
}
