import { memo, Suspense, type ReactNode } from 'react';
import type { Message } from '../api/types.ts';
import { later } from '../app/later.ts';
import { useMe } from '../app/me.ts';
import { t } from '../texts/index.ts';
import { Avatar } from '../ui/avatar.tsx';
import { fullWhen, timeOf } from '../ui/when.ts';
import { Attachments } from './attachments.tsx';
import { LongText } from './long-text.tsx';
import { Reactions } from './reactions.tsx';
import { RepliesLink } from './replies-link.tsx';

const MessageActions = later(async () => (await import('./message-actions.tsx')).MessageActions);
const EditBox = later(async () => (await import('./edit-box.tsx')).EditBox);

export interface MessageRowProps {
  readonly message: Message;
  /** The author's name is shown. */
  readonly isFirst: boolean;
  /** Under the pointer, or focused: its actions are there. */
  readonly isActive: boolean;
  /** Jumped to. */
  readonly isTarget: boolean;
  readonly isEditing: boolean;
  readonly isTabStop: boolean;
  readonly position: number;
  readonly setSize: number;
  /** In a thread, which has no threads of its own. */
  readonly isReply?: boolean;
  readonly seenBy?: ReactNode;
  readonly onEdit: (messageId: string | undefined) => void;
}

/** One message: who, words, when, and what can be done with it. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, isFirst, isActive, isTarget, isEditing, isTabStop, position, setSize, seenBy, onEdit } =
    props;
  const me = useMe();
  const isMine = message.senderId === me.user.id;
  const name = isMine ? t.side.you : message.senderName;
  const at = new Date(message.createdAt);
  const classes = [
    'msg',
    'frame',
    isFirst ? 'first' : '',
    isActive ? 'is-hover' : '',
    isTarget ? 'is-open' : '',
  ];
  return (
    <article
      className={classes.join(' ')}
      tabIndex={isTabStop ? 0 : -1}
      aria-posinset={position}
      aria-setsize={setSize}
      aria-label={`${name}, ${fullWhen(at)}`}
      data-message={message.id}
      data-seq={message.seq}
    >
      {isFirst && (
        <div className="who">
          <span className="nm">{name}</span>
          <Avatar id={message.senderId} name={message.senderName} />
        </div>
      )}
      <div className="said">
        {isEditing ? (
          <Suspense>
            <EditBox message={message} onDone={() => onEdit(undefined)} />
          </Suspense>
        ) : (
          <Words {...props} />
        )}
        {seenBy}
      </div>
      <time className="when" dateTime={message.createdAt} title={fullWhen(at)}>
        {timeOf(at)}
      </time>
      {isActive && message.deletedAt === null && !isEditing && (
        <Suspense>
          <MessageActions
            message={message}
            isMine={isMine}
            isReply={props.isReply === true}
            onEdit={onEdit}
          />
        </Suspense>
      )}
    </article>
  );
});

function Words({ message, isReply = false }: MessageRowProps) {
  if (message.deletedAt !== null) return <p className="quiet">{t.talk.deleted(message.senderName)}</p>;
  const hasBelow = message.reactions.length > 0 || message.replyCount > 0;
  return (
    <>
      <LongText body={message.body} edited={message.editedAt} />
      {message.attachments.length > 0 && <Attachments attachments={message.attachments} />}
      {hasBelow && (
        <div className="below">
          <Reactions message={message} />
          {!isReply && message.replyCount > 0 && <RepliesLink message={message} />}
        </div>
      )}
    </>
  );
}
