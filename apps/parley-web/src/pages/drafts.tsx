import { Link } from '@tanstack/react-router';
import { useConversations } from '../app/conversations.ts';
import { useMe } from '../app/me.ts';
import { useDrafts } from '../conversation/drafts.ts';
import { t } from '../texts/index.ts';
import { shortWhen } from '../ui/when.ts';
import { PageFrame } from './page-frame.tsx';

export function DraftsPage() {
  const me = useMe();
  const drafts = useDrafts(me.user.id);
  const { data: conversations = [] } = useConversations();
  return (
    <PageFrame title={t.drafts.title}>
      {drafts.length === 0 && <p className="quiet">{t.drafts.none}</p>}
      {drafts.map(({ conversationId, threadId, text, writtenAtMs }) => (
        <Link
          key={threadId ?? conversationId}
          className="card"
          to="/c/$conversationId"
          params={{ conversationId }}
          search={threadId === null ? {} : { thread: threadId }}
        >
          <span className="card-head">
            <b dir="auto">{conversations.find(({ id }) => id === conversationId)?.title ?? ''}</b>
            {threadId !== null && <span>{t.thread.title}</span>}
            <time>{shortWhen(new Date(writtenAtMs))}</time>
          </span>
          <span className="card-words" dir="auto">
            {text}
          </span>
        </Link>
      ))}
    </PageFrame>
  );
}
