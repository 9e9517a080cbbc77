import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Conversation } from '../api/types.ts';
import { useIsOnline } from '../app/online.ts';
import { useMe } from '../app/me.ts';
import { useServices } from '../app/services.ts';
import { Strips } from '../app/strips.tsx';
import { t } from '../texts/index.ts';
import { release } from '../this-release.ts';
import { rowsOf, type Row } from '../timeline/rows.ts';
import { Icon } from '../ui/icon.tsx';
import { dayHeading } from '../ui/when.ts';
import { Beginning } from './beginning.tsx';
import { Composer, type ComposerHandle } from './composer.tsx';
import type { ListHandle, Place } from './list-place.ts';
import { MessageRow } from './message-row.tsx';
import { PendingRow } from './pending-row.tsx';
import { SeenBy } from './seen-by.tsx';
import { TalkHeader } from './talk-header.tsx';
import { Typing } from './typing.tsx';
import { useActiveMessage } from './use-active-message.ts';
import { useReadMark } from './use-read-mark.ts';
import { useTimeline } from './use-timeline.ts';
import { Heard } from './heard.tsx';
import { HistoryShapes } from './history-shapes.tsx';

interface ConversationViewProps {
  readonly conversation: Conversation;
  /** The number of a message to come to. */
  readonly at: number | undefined;
}

/** One conversation: its messages, and the next line of it. */
export function ConversationView({ conversation, at }: ConversationViewProps) {
  const me = useMe();
  const { outbox, catchUp } = useServices();
  const navigate = useNavigate();
  const { pending, isStuck } = useSyncExternalStore(outbox.subscribe, outbox.state);
  const isOnline = useIsOnline();
  const open = useTimeline(conversation.id, at);
  const { timeline } = open;
  const [isAtEnd, setAtEnd] = useState(true);
  useEffect(() => {
    catchUp.noteReader(conversation.id, isAtEnd);
    return () => catchUp.noteReader(conversation.id, true);
  }, [catchUp, conversation.id, isAtEnd]);
  const [editing, setEditing] = useState<string>();
  const [target, setTarget] = useState<number>();
  const list = useRef<ListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const place = useRef<Place>({ kind: 'end' });
  const { newAfterSeq, markRead } = useReadMark(conversation, timeline, isAtEnd);
  const rows = useMemo(() => {
    const mine = pending.filter((one) => one.conversationId === conversation.id && one.threadId === null);
    const messages = timeline?.messages ?? [];
    // What is on its way stands after the newest message, which may not be here.
    return rowsOf({
      messages,
      pending: timeline?.hasAfter === true ? [] : mine,
      newAfterSeq,
      meId: me.user.id,
      withReplies: false,
    });
  }, [timeline, pending, conversation.id, newAfterSeq, me.user.id]);
  const { active, handlers } = useActiveMessage();

  const jumpTo = useCallback(
    async (seq: number) => {
      await open.loadAround(seq);
      setTarget(seq);
    },
    [open],
  );
  const hasTimeline = timeline !== undefined;
  const opened = useRef(release.startTiming('conversation_open'));
  useEffect(() => {
    // The frame after the one in which it was drawn: then it can be seen.
    if (hasTimeline) requestAnimationFrame(() => requestAnimationFrame(() => opened.current()));
  }, [hasTimeline]);
  useEffect(() => {
    if (at !== undefined && hasTimeline) void jumpTo(at);
    // Only when another message is asked for.
  }, [at, hasTimeline]);
  useEffect(() => {
    const row =
      target === undefined
        ? undefined
        : rows.find((one) => one.kind === 'message' && one.message.seq === target);
    if (row !== undefined) list.current?.toRow(row.key);
    // Rows that come later do not move the reader again.
  }, [target]);

  const toEnd = async (): Promise<void> => {
    await open.loadEnd();
    setTarget(undefined);
    if (at !== undefined)
      void navigate({
        to: '/c/$conversationId',
        params: { conversationId: conversation.id },
        search: {},
        replace: true,
      });
    requestAnimationFrame(() => list.current?.toEnd());
  };
  const editLast = (): void => {
    const last = rows.findLast(
      (row) =>
        row.kind === 'message' && row.message.senderId === me.user.id && row.message.deletedAt === null,
    );
    if (last?.kind === 'message') setEditing(last.message.id);
  };
  const onEdit = useCallback((id: string | undefined) => {
    setEditing(id);
    if (id === undefined) composer.current?.focus();
  }, []);
  const lastOwn = rows.findLast((row) => row.kind === 'message')?.key;
  const tabStop = active ?? lastOwn;
  const renderRow = (row: Row, position: number) => {
    switch (row.kind) {
      case 'day':
        return <Day day={row.day} />;
      case 'new':
        return <NewLine count={row.count} onRead={markRead} />;
      case 'pending':
        return (
          <PendingRow
            pending={row.pending}
            isFirst={row.isFirst}
            isStuck={isStuck}
            isOnline={isOnline}
            onTakeBack={({ body }) => composer.current?.takeBack(body)}
          />
        );
      case 'message':
        return (
          <MessageRow
            message={row.message}
            isFirst={row.isFirst}
            isActive={active === row.key}
            isTarget={target === row.message.seq}
            isEditing={editing === row.message.id}
            isTabStop={tabStop === row.key}
            position={position + 1}
            setSize={timeline?.hasBefore === true || timeline?.hasAfter === true ? -1 : rows.length}
            onEdit={onEdit}
            seenBy={
              row.key === lastOwn && row.message.senderId === me.user.id ? (
                <SeenBy conversation={conversation} seq={row.message.seq} />
              ) : undefined
            }
          />
        );
    }
  };
  const List = release.listFor(me);
  // What is unread may not be here, and what is not here may be read: neither tells all, and their sum tells some twice.
  const newer = Math.max(
    (timeline?.lastSeq ?? 0) - (timeline?.messages.at(-1)?.seq ?? 0),
    isAtEnd ? 0 : conversation.unread,
    0,
  );
  return (
    <main
      className="talk"
      onKeyDown={(event) => {
        if (event.key === 'Escape') markRead();
      }}
    >
      <TalkHeader conversation={conversation} />
      {timeline === undefined ? (
        <NotYet error={open.error} onAgain={open.again} />
      ) : (
        <div className="line-holder" {...handlers}>
          <List
            key={conversation.id}
            ref={list}
            label={conversation.title}
            rows={rows}
            hasBefore={timeline.hasBefore}
            hasAfter={timeline.hasAfter}
            isBusy={open.isBusy}
            place={place}
            onNearStart={open.loadBefore}
            onNearEnd={open.loadAfter}
            onAtEnd={setAtEnd}
            renderRow={renderRow}
            beginning={<Beginning conversation={conversation} />}
          />
        </div>
      )}
      <div className="foot">
        {(!isAtEnd || timeline?.hasAfter === true) && (
          <div className="frame latest-holder">
            <button type="button" className="latest" onClick={() => void toEnd()}>
              {t.talk.latest(newer)}
              <Icon name="down" />
            </button>
          </div>
        )}
        <Heard newest={timeline?.hasAfter === false ? timeline.messages.at(-1) : undefined} />
        <release.News />
        <Typing conversationId={conversation.id} />
        <Strips />
        <Composer
          key={conversation.id}
          ref={composer}
          conversationId={conversation.id}
          label={t.compose.label(conversation.title)}
          onEditLast={editLast}
          onSent={() => {
            markRead();
            void toEnd();
          }}
        />
      </div>
    </main>
  );
}

function Day({ day }: { readonly day: Date }) {
  return (
    // Of a feed, everything is an article.
    <article className="day frame" aria-label={dayHeading(day)}>
      <h2>{dayHeading(day)}</h2>
    </article>
  );
}

function NewLine({ count, onRead }: { readonly count: number; readonly onRead: () => void }) {
  return (
    <article className="fresh-line frame" aria-label={t.talk.newLabel(count)}>
      <b>{t.talk.newCount(count)}</b>
      <i />
      <button type="button" onClick={onRead}>
        {t.talk.markRead}&ensp;<kbd>Esc</kbd>
      </button>
    </article>
  );
}

function NotYet({ error, onAgain }: { readonly error: Error | null; readonly onAgain: () => void }) {
  if (error === null)
    return (
      <div className="line">
        <div className="line-in">
          <HistoryShapes />
        </div>
      </div>
    );
  return (
    <div className="line">
      <div className="line-in frame">
        <div className="empty" role="alert">
          <p>{t.talk.failed(error.message)}</p>
          <button type="button" className="btn btn-line" onClick={onAgain}>
            {t.talk.again}
          </button>
        </div>
      </div>
    </div>
  );
}
