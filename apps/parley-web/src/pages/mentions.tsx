import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../api/endpoints.ts';
import type { Notification } from '../api/types.ts';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { Avatar } from '../ui/avatar.tsx';
import { shortWhen } from '../ui/when.ts';
import { PageFrame } from './page-frame.tsx';

/** Who named this person, or answered them; what is new stands out. */
export function MentionsPage() {
  const queries = useQueryClient();
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [...keys.notifications, 'all'],
    queryFn: async ({ pageParam }) => await api.notifications(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ notifications }) =>
      notifications.length < 50 ? undefined : notifications.at(-1)?.id,
  });
  const all = data?.pages.flatMap(({ notifications }) => notifications) ?? [];
  const [newest] = all;
  const markAll = async (): Promise<void> => {
    if (newest === undefined) return;
    await api.markNotified(newest.id);
    await queries.invalidateQueries({ queryKey: keys.notifications });
    await queries.invalidateQueries({ queryKey: keys.conversations });
  };
  return (
    <PageFrame title={t.mentions.title}>
      {error !== null && <p role="alert">{error.message}</p>}
      {data !== undefined && all.length === 0 && <p className="quiet">{t.mentions.none}</p>}
      {all.some(({ readAt }) => readAt === null) && (
        <button type="button" className="btn btn-line btn-sm" onClick={() => void markAll()}>
          {t.mentions.markAll}
        </button>
      )}
      {all.map((one) => (
        <Card key={one.id} notification={one} />
      ))}
      {hasNextPage && (
        <button type="button" className="btn btn-quiet" onClick={() => void fetchNextPage()}>
          {t.mentions.more}
        </button>
      )}
    </PageFrame>
  );
}

function Card({ notification }: { readonly notification: Notification }) {
  const {
    kind,
    conversationId,
    conversationTitle,
    seq,
    threadId,
    senderId,
    senderName,
    excerpt,
    createdAt,
    readAt,
  } = notification;
  return (
    <Link
      className={readAt === null ? 'card is-new' : 'card'}
      to="/c/$conversationId"
      params={{ conversationId }}
      search={threadId === null ? { at: seq } : { thread: threadId }}
    >
      <span className="card-head">
        <Avatar id={senderId} name={senderName} />
        <b dir="auto">{senderName}</b>
        <span dir="auto">
          {kind === 'mention' ? t.mentions.mention : t.mentions.reply} {conversationTitle}
        </span>
        <time dateTime={createdAt}>{shortWhen(new Date(createdAt))}</time>
      </span>
      <span className="card-words" dir="auto">
        {excerpt}
      </span>
    </Link>
  );
}
