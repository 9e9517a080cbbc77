import { useSyncExternalStore } from 'react';
import { emptyDraft, type DraftText } from './draft-text.ts';

export interface KeptDraft extends DraftText {
  readonly conversationId: string;
  readonly threadId: string | null;
  readonly writtenAtMs: number;
}

const listeners = new Set<() => void>();
const prefix = (userId: string): string => `parley draft ${userId} `;
const keyOf = (userId: string, place: string): string => `${prefix(userId)}${place}`;
/** Where storage is full or closed: for as long as the page lives. */
const inMemory = new Map<string, string>();

/** What was begun in a conversation, or in a thread of it, and not sent. */
export function draftIn(userId: string, place: string): DraftText {
  return parse(read(keyOf(userId, place))) ?? emptyDraft;
}

/** @returns false where it lives no longer than the page. */
export function keepDraft(userId: string, draft: KeptDraft): boolean {
  const key = keyOf(userId, draft.threadId ?? draft.conversationId);
  const isKept = draft.text.trim() === '' ? forget(key) : write(key, JSON.stringify(draft));
  known = undefined;
  listeners.forEach((listener) => listener());
  return isKept;
}

/** The newest first. */
export function useDrafts(userId: string): readonly KeptDraft[] {
  return useSyncExternalStore(subscribe, () => all(userId));
}

let known: { readonly userId: string; readonly drafts: readonly KeptDraft[] } | undefined;

function all(userId: string): readonly KeptDraft[] {
  if (known?.userId === userId) return known.drafts;
  const stored = new Map(inMemory);
  try {
    for (const key of Object.keys(localStorage)) stored.set(key, localStorage.getItem(key) ?? '');
  } catch {
    // Not to be read: what stands in memory is all there is.
  }
  const drafts = [...stored]
    .filter(([key]) => key.startsWith(prefix(userId)))
    .map(([, text]) => parse(text))
    .filter((draft) => draft !== undefined)
    .toSorted((a, b) => b.writtenAtMs - a.writtenAtMs);
  known = { userId, drafts };
  return drafts;
}

function subscribe(listener: () => void): () => void {
  const onStorage = ({ key }: StorageEvent): void => {
    if (key !== null && !key.startsWith('parley draft ')) return;
    known = undefined;
    listener();
  };
  listeners.add(listener);
  window.addEventListener('storage', onStorage);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', onStorage);
  };
}

function parse(text: string | null | undefined): KeptDraft | undefined {
  try {
    const draft = JSON.parse(text ?? 'null') as Partial<KeptDraft> | null;
    if (draft === null || typeof draft.text !== 'string' || typeof draft.conversationId !== 'string')
      return undefined;
    const { mentions = {}, threadId = null, writtenAtMs = 0 } = draft;
    return { text: draft.text, conversationId: draft.conversationId, mentions, threadId, writtenAtMs };
  } catch {
    // Not written by us.
    return undefined;
  }
}

function read(key: string): string | null | undefined {
  try {
    return localStorage.getItem(key) ?? inMemory.get(key);
  } catch {
    // Storage is closed to this page.
    return inMemory.get(key);
  }
}

function write(key: string, text: string): boolean {
  try {
    localStorage.setItem(key, text);
    inMemory.delete(key);
    return true;
  } catch {
    // Full, or closed.
    inMemory.set(key, text);
    return false;
  }
}

function forget(key: string): boolean {
  inMemory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // Then nothing of it was kept there either.
  }
  return true;
}
