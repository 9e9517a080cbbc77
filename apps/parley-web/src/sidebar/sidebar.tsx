import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Suspense, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { api } from '../api/endpoints.ts';
import type { Conversation, Notification } from '../api/types.ts';
import { say } from '../app/announcer.ts';
import { later } from '../app/later.ts';
import { useMe } from '../app/me.ts';
import { useDrafts } from '../conversation/drafts.ts';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { Icon, Mark, type IconName } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { PresentAvatar } from '../ui/avatar.tsx';
import { ConversationLink } from './conversation-link.tsx';

const NewChannel = later(async () => (await import('./new-channel.tsx')).NewChannel);
const NewDirect = later(async () => (await import('./new-direct.tsx')).NewDirect);

interface SidebarProps {
  readonly conversations: readonly Conversation[];
  readonly workspace: string;
  readonly onJump: () => void;
}

/** All conversations of this person: channels by name, direct ones by who wrote last. */
export function Sidebar({ conversations, workspace, onJump }: SidebarProps) {
  const me = useMe();
  const { conversationId } = useParams({ strict: false });
  const [dialog, setDialog] = useState<'channel' | 'direct'>();
  const { channels, directs } = useMemo(() => sorted(conversations), [conversations]);
  const active = useActive(directs);
  const close = (): void => setDialog(undefined);
  return (
    <aside className="side" id="conversations" aria-label={t.side.label}>
      <div className="side-head">
        <Mark />
        <span className="ws" dir="auto">
          {workspace}
        </span>
        <IconButton icon="write" label={t.side.write} onClick={() => setDialog('direct')} />
      </div>
      <button type="button" className="jump" onClick={onJump}>
        <Icon name="search" />
        <span>{t.side.jump}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <nav className="side-scroll" aria-label={t.side.label}>
        <ul>
          <Mentions />
          <Drafts />
        </ul>
        <Heading text={t.side.channels} label={t.side.addChannel} onAdd={() => setDialog('channel')} />
        <ul>
          {channels.map((one) => (
            <li key={one.id}>
              <ConversationLink conversation={one} isHere={one.id === conversationId} isActive={false} />
            </li>
          ))}
        </ul>
        <Heading text={t.side.directs} label={t.side.addDirect} onAdd={() => setDialog('direct')} />
        <ul>
          {directs.map((one) => (
            <li key={one.id}>
              <ConversationLink
                conversation={one}
                isHere={one.id === conversationId}
                isActive={one.others.some(({ id }) => active.has(id))}
              />
            </li>
          ))}
        </ul>
      </nav>
      <div className="me">
        <PresentAvatar id={me.user.id} name={me.user.name} isActive />
        <div>
          <b dir="auto">{me.user.name}</b>
          <small>{t.side.active}</small>
        </div>
        <Link className="ibtn" to="/settings" aria-label={t.side.settings} title={t.side.settings}>
          <Icon name="tune" />
        </Link>
      </div>
      <Suspense>
        {dialog === 'channel' && <NewChannel onClose={close} />}
        {dialog === 'direct' && <NewDirect onClose={close} />}
      </Suspense>
    </aside>
  );
}

function sorted(conversations: readonly Conversation[]) {
  const channels = conversations
    .filter(({ kind }) => kind === 'channel')
    .toSorted((a, b) => Number(a.muted) - Number(b.muted) || a.title.localeCompare(b.title));
  // The server tells them by when somebody last wrote there.
  const directs = conversations.filter(({ kind }) => kind === 'direct');
  return { channels, directs };
}

const mostAsked = 50;

/** Of the people in the newest direct conversations, those who are there now. */
function useActive(directs: readonly Conversation[]): ReadonlySet<string> {
  const ids = [...new Set(directs.slice(0, mostAsked).flatMap(({ others }) => others.map(({ id }) => id)))]
    .slice(0, 200)
    .toSorted();
  const { data } = useQuery({
    queryKey: keys.presence(ids),
    queryFn: async () => new Set((await api.active(ids)).active),
    enabled: ids.length > 0,
    refetchInterval: 30_000,
    placeholderData: (known) => known,
    structuralSharing: false,
  });
  return data ?? new Set();
}

function Heading({
  text,
  label,
  onAdd,
}: {
  readonly text: string;
  readonly label: string;
  readonly onAdd: () => void;
}) {
  return (
    <h2>
      {text}
      <IconButton isSmall icon="plus" label={label} onClick={onAdd} />
    </h2>
  );
}

function Mentions() {
  const { data } = useQuery({ queryKey: keys.notifications, queryFn: async () => await api.notifications() });
  const unread = data?.unread ?? 0;
  useToldOfNew(data?.notifications[0]);
  return (
    <Quick
      to="/mentions"
      icon="at"
      isUnread={unread > 0}
      end={unread > 0 && <span className="hit">{unread}</span>}
    >
      {t.side.mentions}
      {unread > 0 && <span className="sr">{t.side.unread(unread)}</span>}
    </Quick>
  );
}

/** Says who has just named or answered this person, unless they are looking at it. */
function useToldOfNew(newest: Notification | undefined): void {
  const { conversationId } = useParams({ strict: false });
  const last = useRef<string>(undefined);
  const here = useRef(conversationId);
  useEffect(() => {
    here.current = conversationId;
  }, [conversationId]);
  useEffect(() => {
    if (newest === undefined) return;
    const isNew = last.current !== undefined && Number(newest.id) > Number(last.current);
    last.current = newest.id;
    if (isNew && newest.readAt === null && newest.conversationId !== here.current)
      say(t.talk.newMessage(`${newest.senderName}, ${newest.conversationTitle}`, newest.excerpt));
  }, [newest]);
}

function Drafts() {
  const me = useMe();
  const count = useDrafts(me.user.id).length;
  return (
    <Quick to="/drafts" icon="pencil" isUnread={false} end={count === 0 ? null : count}>
      {t.side.drafts}
    </Quick>
  );
}

interface QuickProps {
  readonly to: '/mentions' | '/drafts';
  readonly icon: IconName;
  readonly isUnread: boolean;
  readonly end: ReactNode;
  readonly children: ReactNode;
}

function Quick({ to, icon, isUnread, end, children }: QuickProps) {
  return (
    <li>
      <Link
        className={isUnread ? 'row quick unread mention' : 'row quick'}
        to={to}
        activeProps={{ className: 'here' }}
      >
        <span className="lead">
          <Icon name={icon} />
        </span>
        <span className="nm">{children}</span>
        <span className="end">{end}</span>
      </Link>
    </li>
  );
}
