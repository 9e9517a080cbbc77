import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { Conversation } from '../api/types.ts';
import { useMe } from '../app/me.ts';
import { usePlainText } from '../conversation/plain-text.ts';
import { t } from '../texts/index.ts';
import { Avatar, PresentAvatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { shortWhen } from '../ui/when.ts';

interface ConversationLinkProps {
  readonly conversation: Conversation;
  readonly isHere: boolean;
  readonly isActive: boolean;
}

/** Unread is ink and weight; the accent means you. What was said last is shown where the list is a screen of its own. */
export const ConversationLink = memo(function ConversationLink({
  conversation,
  isHere,
  isActive,
}: ConversationLinkProps) {
  const { id, kind, title, unread, mentions, muted, lastMessage } = conversation;
  const isUnread = unread > 0 && !muted;
  const isDirect = kind === 'direct';
  const classes = [
    'row',
    isDirect ? '' : 'bare',
    isHere ? 'here' : '',
    isUnread || mentions > 0 ? 'unread' : '',
    mentions > 0 ? 'mention' : '',
    muted ? 'muted' : '',
  ];
  return (
    <Link
      className={classes.filter((name) => name !== '').join(' ')}
      to="/c/$conversationId"
      params={{ conversationId: id }}
      aria-current={isHere ? 'page' : undefined}
    >
      {isDirect && (
        <span className="lead">
          <Faces conversation={conversation} isActive={isActive} />
        </span>
      )}
      <span className="nm" dir="auto">
        {title}
        <span className="sr">
          {mentions > 0 ? t.side.mentioned(mentions) : isUnread ? t.side.unread(unread) : ''}
          {muted ? t.side.muted : ''}
          {isActive ? `, ${t.side.active}` : ''}
        </span>
      </span>
      {lastMessage !== null && <time className="at">{shortWhen(new Date(lastMessage.createdAt))}</time>}
      <Snippet conversation={conversation} />
      <span className="end">
        {mentions > 0 ? (
          <span className="hit">{mentions}</span>
        ) : muted ? (
          <Icon name="off" />
        ) : isUnread ? (
          counted(unread)
        ) : null}
      </span>
    </Link>
  );
});

const counted = (unread: number): string => (unread > 999 ? '999+' : String(unread));

function Faces({
  conversation: { others, title, id },
  isActive,
}: {
  readonly conversation: Conversation;
  readonly isActive: boolean;
}) {
  const [first, second] = others;
  if (first === undefined) return <Avatar id={id} name={title} />;
  if (second === undefined) return <PresentAvatar id={first.id} name={first.name} isActive={isActive} />;
  return (
    <span className="av-pair">
      <Avatar id={first.id} name={first.name} />
      <Avatar id={second.id} name={second.name} />
    </span>
  );
}

function Snippet({ conversation: { lastMessage, kind } }: { readonly conversation: Conversation }) {
  const me = useMe();
  const plain = usePlainText();
  if (lastMessage === null) return null;
  const { senderId, senderName, excerpt, isDeleted } = lastMessage;
  const who =
    senderId === me.user.id
      ? `${t.side.you}: `
      : kind === 'direct'
        ? ''
        : `${senderName.split(' ')[0] ?? ''}: `;
  return (
    <span className="snip" dir="auto">
      {who}
      {isDeleted ? t.side.deleted : plain(excerpt)}
    </span>
  );
}
