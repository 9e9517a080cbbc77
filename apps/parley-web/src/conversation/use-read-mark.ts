import { useCallback, useEffect, useRef, useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { Conversation } from '../api/types.ts';
import { useServices } from '../app/services.ts';
import type { Timeline } from '../timeline/timeline.ts';

const togetherMs = 400;

/**
 * What somebody has in front of them at the end of a conversation is read; what they had not read when they came, or while they
 * looked elsewhere, stays below a line until they say that they have seen it, write themselves, or go away.
 */
export function useReadMark(conversation: Conversation, timeline: Timeline | undefined, isAtEnd: boolean) {
  const { live } = useServices();
  const { id, lastReadSeq, lastSeq } = conversation;
  const [newAfterSeq, setNewAfterSeq] = useState(lastReadSeq < lastSeq ? lastReadSeq : undefined);
  /** Marked unread on purpose: looking at it does not undo that. */
  const [isHeld, setHeld] = useState(false);
  const isSeen = useIsLookedAt();
  const before = useRef(lastReadSeq);
  const newest = timeline?.hasAfter === false ? timeline.messages.at(-1)?.seq : undefined;

  useEffect(() => {
    if (lastReadSeq < before.current) {
      setNewAfterSeq(lastReadSeq);
      setHeld(true);
    }
    before.current = lastReadSeq;
  }, [lastReadSeq]);
  useEffect(() => {
    // The first message that comes while nobody looks begins what is new.
    if (!isSeen && newest !== undefined) setNewAfterSeq((known) => known ?? newest);
    // Only at the moment of looking away.
  }, [isSeen]);
  const tell = useCallback(
    (seq: number) => {
      api.markRead(id, seq).then(
        (mark) => live.noteRead(id, mark.lastReadSeq),
        // The next message, or the next look, marks this one too.
        () => undefined,
      );
    },
    [id, live],
  );
  useEffect(() => {
    if (!isSeen || !isAtEnd || isHeld || newest === undefined || newest <= lastReadSeq) return undefined;
    const timer = setTimeout(() => tell(newest), togetherMs);
    return () => clearTimeout(timer);
  }, [isSeen, isAtEnd, isHeld, newest, lastReadSeq, tell]);
  const markRead = useCallback(() => {
    setNewAfterSeq(undefined);
    setHeld(false);
    if (newest !== undefined && newest > before.current) tell(newest);
  }, [newest, tell]);
  return { newAfterSeq, markRead };
}

/** Whether this page is in front, and somebody is at it. */
function useIsLookedAt(): boolean {
  const [isSeen, setSeen] = useState(() => document.hasFocus());
  useEffect(() => {
    const look = (): void => setSeen(document.visibilityState === 'visible' && document.hasFocus());
    window.addEventListener('focus', look);
    window.addEventListener('blur', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      window.removeEventListener('focus', look);
      window.removeEventListener('blur', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return isSeen;
}
