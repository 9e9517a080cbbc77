import type { QueryClient } from '@tanstack/react-query';
import { timelineQuery } from '../conversation/use-timeline.ts';
import { conversationsQuery, firstToOpen } from './conversations.ts';
import { meQuery } from './me.ts';

const opened = /^\/c\/([0-9a-f-]{36})$/;

/**
 * Asks for what the first look will show, before the page is built: no answer waits for another one, or for a drawing. What fails
 * here is asked for again by whoever needs it, who says so.
 */
export function readAhead(
  queries: QueryClient,
  { pathname, search }: Pick<Location, 'pathname' | 'search'>,
): void {
  void queries.prefetchQuery(meQuery);
  const listed = queries.prefetchQuery(conversationsQuery);
  const conversationId = opened.exec(pathname)?.[1];
  if (conversationId !== undefined) {
    const at = Number(new URLSearchParams(search).get('at') ?? Number.NaN);
    const isPlace = Number.isSafeInteger(at) && at > 0;
    void queries.prefetchQuery(timelineQuery(conversationId, isPlace ? at : undefined));
    return;
  }
  if (pathname === '/') void readFirst(queries, listed);
}

async function readFirst(queries: QueryClient, listed: Promise<void>): Promise<void> {
  await listed;
  const first = firstToOpen(queries.getQueryData(conversationsQuery.queryKey));
  if (first !== undefined) await queries.prefetchQuery(timelineQuery(first.id));
}
