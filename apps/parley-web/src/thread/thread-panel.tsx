import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { api } from '../api/endpoints.ts';
import type { Conversation } from '../api/types.ts';
import { useMe } from '../app/me.ts';
import { useIsOnline } from '../app/online.ts';
import { useServices } from '../app/services.ts';
import { Composer, type ComposerHandle } from '../conversation/composer.tsx';
import { HistoryShapes } from '../conversation/history-shapes.tsx';
import { MessageRow } from '../conversation/message-row.tsx';
import { PendingRow } from '../conversation/pending-row.tsx';
import { usePlainText } from '../conversation/plain-text.ts';
import { useActiveMessage } from '../conversation/use-active-message.ts';
import { keys } from '../sync/keys.ts';
import type { ThreadPage } from '../sync/thread-page.ts';
import { t } from '../texts/index.ts';
import { rowsOf, type Row } from '../timeline/rows.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { dayHeading } from '../ui/when.ts';

interface ThreadPanelProps {
  readonly conversation: Conversation;
  readonly rootId: string;
}

/** A message, its answers, and the next one. */
export function ThreadPanel({ conversation, rootId }: ThreadPanelProps) {
  const me = useMe();
  const { outbox, queries } = useServices();
  const navigate = useNavigate();
  const plain = usePlainText();
  const isOnline = useIsOnline();
  const { pending, isStuck } = useSyncExternalStore(outbox.subscribe, outbox.state);
  const [editing, setEditing] = useState<string>();
  const composer = useRef<ComposerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const { active, handlers } = useActiveMessage();
  const { data: thread, error } = useQuery({
    queryKey: keys.thread(rootId),
    queryFn: async (): Promise<ThreadPage> => await api.thread(rootId),
    structuralSharing: false,
  });
  const rows = useMemo(() => {
    if (thread === undefined) return [];
    const mine = pending.filter(({ threadId }) => threadId === rootId);
    return rowsOf({
      messages: [thread.root, ...thread.replies],
      pending: mine,
      newAfterSeq: undefined,
      meId: me.user.id,
      withReplies: true,
    });
  }, [thread, pending, rootId, me.user.id]);
  useLayoutEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [rows.length]);
  useEffect(() => composer.current?.focus(), [rootId]);
  const close = (): void =>
    void navigate({ to: '/c/$conversationId', params: { conversationId: conversation.id } });
  const loadEarlier = async (): Promise<void> => {
    const before = thread?.replies[0]?.seq;
    if (before === undefined) return;
    const page = await api.thread(rootId, before);
    queries.setQueryData<ThreadPage>(
      keys.thread(rootId),
      (known) =>
        known && {
          ...known,
          replies: [...page.replies, ...known.replies],
          hasMoreBefore: page.hasMoreBefore,
        },
    );
  };
  const renderRow = (row: Row, at: number) => {
    if (row.kind === 'day')
      return (
        <article className="day frame" aria-label={dayHeading(row.day)}>
          <h3>{dayHeading(row.day)}</h3>
        </article>
      );
    if (row.kind === 'new') return null;
    if (row.kind === 'pending')
      return (
        <PendingRow
          pending={row.pending}
          isFirst={row.isFirst}
          isStuck={isStuck}
          isOnline={isOnline}
          onTakeBack={({ body }) => composer.current?.takeBack(body)}
        />
      );
    return (
      <MessageRow
        message={row.message}
        isReply
        isFirst={row.isFirst}
        isActive={active === row.key}
        isTarget={false}
        isEditing={editing === row.message.id}
        isTabStop={(active ?? rows.at(-1)?.key) === row.key}
        position={at + 1}
        setSize={rows.length}
        onEdit={setEditing}
      />
    );
  };
  return (
    <aside
      className="thread"
      aria-label={t.thread.title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <header className="thread-head">
        <div>
          <h2>
            {t.thread.title}
            <span dir="auto">{conversation.title}</span>
          </h2>
          <p dir="auto">{thread === undefined ? '' : plain(thread.root.body).slice(0, 80)}</p>
        </div>
        <IconButton icon="close" label={t.thread.close} onClick={close} />
      </header>
      <span />
      <div className="line" ref={scroller} {...handlers}>
        <div className="line-in" role="feed" aria-label={t.thread.title} aria-busy={thread === undefined}>
          {error !== null && (
            <article className="problem" role="alert">
              {error.message}
            </article>
          )}
          {thread === undefined && error === null && <HistoryShapes />}
          {rows.map((row, at) => (
            <div key={row.key} data-row={row.key}>
              {renderRow(row, at)}
              {row.kind === 'message' && row.message.id === rootId && (
                <div className="count">
                  {t.talk.replies(thread?.root.replyCount ?? 0)}
                  {thread?.hasMoreBefore === true && (
                    <button type="button" className="textlink" onClick={() => void loadEarlier()}>
                      {t.thread.earlier}
                    </button>
                  )}
                </div>
              )}
            </div>
          ))}
        </div>
      </div>
      <div className="foot">
        <Composer
          key={rootId}
          ref={composer}
          conversationId={conversation.id}
          threadId={rootId}
          label={t.thread.label}
        />
      </div>
    </aside>
  );
}
