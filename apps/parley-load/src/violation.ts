/**
 * missing: something acknowledged or announced is not there, or a conversation has a gap; changed: it is there, but
 * not as it was acknowledged; duplicated: it is there twice; outOfOrder: not where it belongs.
 */
export const VIOLATION_KINDS = ['missing', 'changed', 'duplicated', 'outOfOrder'] as const;
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

/** A promise that Parley broke, with what is needed to look into it. Never a message's text. */
export interface Violation {
  readonly violation: ViolationKind;
  readonly conversationId: string;
  readonly seq: number;
  readonly id?: string;
  readonly expected: string;
  readonly found: string;
}
