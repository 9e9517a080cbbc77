import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { MessagePage } from '../api/types.ts';
import { useServices } from '../app/services.ts';
import { keys } from '../sync/keys.ts';
import { timelineOf, trimmed, withPage, type Timeline } from '../timeline/timeline.ts';

const firstPage = 60;
const nextPage = 100;
const surroundings = 80;
const failedPauseMs = 3_000;
const endAttempts = 5;

export interface OpenTimeline {
  readonly timeline: Timeline | undefined;
  readonly error: Error | null;
  readonly isBusy: boolean;
  readonly loadBefore: () => void;
  readonly loadAfter: () => void;
  /** Resolves when that message is in the timeline, with what is around it. */
  readonly loadAround: (seq: number) => Promise<void>;
  /** Resolves when the newest messages are in the timeline. */
  readonly loadEnd: () => Promise<void>;
  readonly again: () => void;
}

/** The messages of a conversation that are here, and how to come by others. */
export function useTimeline(conversationId: string, at: number | undefined): OpenTimeline {
  const { queries, catchUp, people } = useServices();
  const [isBusy, setBusy] = useState(false);
  const loading = useRef<Promise<void>>(undefined);
  const key = keys.timeline(conversationId);
  // Whoever comes back to a conversation comes to its end, not to the middle that was read last.
  useState(() => {
    const isMiddle = queries.getQueryData<Timeline>(key)?.hasAfter === true;
    if (isMiddle && at === undefined) queries.removeQueries({ queryKey: key, exact: true });
  });
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const where = at === undefined ? { limit: firstPage } : { around: at, limit: surroundings };
      return timelineOf(await api.page(conversationId, where, signal));
    },
    // From then on it is the socket that keeps it fresh.
    staleTime: Infinity,
    gcTime: 120_000,
    structuralSharing: false,
  });
  // It may have stood in the cache for a while.
  useEffect(() => void catchUp.to(conversationId, Number.MAX_SAFE_INTEGER), [catchUp, conversationId]);
  useEffect(() => {
    if (data !== undefined)
      people.note(data.messages.map(({ senderId, senderName }) => ({ id: senderId, name: senderName })));
  }, [data, people]);

  const load = useCallback(
    async (
      where: Parameters<typeof api.page>[1],
      change: (known: Timeline, page: MessagePage) => Timeline,
      mustCome = false,
    ) => {
      if (loading.current !== undefined && !mustCome) return;
      // Somebody who wants to be elsewhere waits for what is under way, and is not forgotten over it.
      while (loading.current !== undefined) await loading.current;
      const work = async (): Promise<void> => {
        setBusy(true);
        try {
          const page = await api.page(conversationId, where);
          queries.setQueryData<Timeline>(
            keys.timeline(conversationId),
            (known) => known && change(known, page),
          );
          await catchUp.to(conversationId, page.version);
        } catch {
          // It is asked for again, and not at once: whoever does not answer would be asked without end.
          await new Promise((resolve) => setTimeout(resolve, failedPauseMs));
        } finally {
          loading.current = undefined;
          setBusy(false);
        }
      };
      loading.current = work();
      await loading.current;
    },
    [conversationId, queries, catchUp],
  );
  const known = useCallback(
    () => queries.getQueryData<Timeline>(keys.timeline(conversationId)),
    [queries, conversationId],
  );
  return {
    timeline: data,
    error,
    isBusy,
    loadBefore: () => {
      const before = known()?.messages[0]?.seq;
      if (before === undefined || known()?.hasBefore !== true) return;
      void load({ before, limit: nextPage }, (now, page) => trimmed(withPage(now, page, 'before'), 'start'));
    },
    loadAfter: () => {
      const after = known()?.messages.at(-1)?.seq;
      if (after === undefined || known()?.hasAfter !== true) return;
      void load({ after, limit: nextPage }, (now, page) => trimmed(withPage(now, page, 'after'), 'end'));
    },
    loadAround: async (seq) => {
      const { messages = [] } = known() ?? {};
      const [first, last] = [messages[0]?.seq, messages.at(-1)?.seq];
      if (first !== undefined && last !== undefined && seq >= first && seq <= last) return;
      await load({ around: seq, limit: surroundings }, (_, page) => timelineOf(page), true);
    },
    loadEnd: async () => {
      // A server that did not answer is asked again: whoever wanted to be at the end has not changed their mind.
      for (let attempt = 0; attempt < endAttempts && known()?.hasAfter === true; attempt += 1)
        await load({ limit: firstPage }, (_, page) => timelineOf(page), true);
    },
    again: () => void refetch(),
  };
}
