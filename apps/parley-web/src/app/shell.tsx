import { useQuery } from '@tanstack/react-query';
import { Outlet, useMatchRoute, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Suspense, useEffect, useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { Conversation } from '../api/types.ts';
import { ConversationView } from '../conversation/conversation-view.tsx';
import { PageFrame } from '../pages/page-frame.tsx';
import { Sidebar } from '../sidebar/sidebar.tsx';
import { keys } from '../sync/keys.ts';
import { t } from '../texts/index.ts';
import { useConversations } from './conversations.ts';
import { later } from './later.ts';
import { useServices } from './services.ts';
import { useTitle } from './title.ts';
import { Said } from './said.tsx';

const DetailsPanel = later(async () => (await import('../panels/details-panel.tsx')).DetailsPanel);
const FindPanel = later(async () => (await import('../panels/find-panel.tsx')).FindPanel);
const PinsPanel = later(async () => (await import('../panels/pins-panel.tsx')).PinsPanel);
const Switcher = later(async () => (await import('../sidebar/switcher.tsx')).Switcher);
const ThreadPanel = later(async () => (await import('../thread/thread-panel.tsx')).ThreadPanel);

/** Conversations at one side, one of them, or a page, beside it. */
export function Shell() {
  const { data: conversations } = useConversations();
  const { people } = useServices();
  const { data: workspace } = useQuery({
    queryKey: keys.workspace,
    queryFn: api.workspace,
    staleTime: Infinity,
  });
  const [isJumping, setJumping] = useState(false);
  const { thread, panel } = useSearch({ strict: false });
  const isList = useMatchRoute()({ to: '/' }) !== false;
  useEffect(() => {
    if (conversations !== undefined) people.note(conversations.flatMap(({ others }) => others));
  }, [conversations, people]);
  useShortcuts(conversations ?? [], () => setJumping(true));
  useTitle(conversations ?? [], workspace?.name ?? t.app);
  const classes = [
    'app',
    thread !== undefined || panel !== undefined ? 'has-thread' : '',
    isList ? 'is-list' : '',
  ];
  return (
    <div className={classes.join(' ')}>
      <Sidebar
        conversations={conversations ?? []}
        workspace={workspace?.name ?? ''}
        onJump={() => setJumping(true)}
      />
      <Suspense fallback={<main className="talk" />}>
        <Outlet />
      </Suspense>
      <Suspense>
        {isJumping && <Switcher conversations={conversations ?? []} onClose={() => setJumping(false)} />}
      </Suspense>
      <Said />
    </div>
  );
}

/** Where nobody has chosen: the conversation in which somebody wrote last; on a phone, the list. */
export function StartPage() {
  const { data: conversations } = useConversations();
  const { list } = useSearch({ strict: false });
  const navigate = useNavigate();
  const first = conversations?.find(({ muted }) => !muted);
  const isPhone = window.matchMedia('(width < 48rem)').matches;
  useEffect(() => {
    if (first !== undefined && !isPhone && list !== true)
      void navigate({ to: '/c/$conversationId', params: { conversationId: first.id }, replace: true });
  }, [first, isPhone, list, navigate]);
  return (
    <main className="talk start">
      <h1 className="sr">{t.side.label}</h1>
    </main>
  );
}

export function ConversationPage() {
  const { conversationId } = useParams({ strict: false });
  const { at, thread, panel } = useSearch({ strict: false });
  const { data: conversations } = useConversations();
  const conversation = conversations?.find(({ id }) => id === conversationId);
  if (conversations === undefined) return <main className="talk" />;
  if (conversation === undefined) return <PageFrame title="">{t.talk.unknown}</PageFrame>;
  return (
    <>
      <ConversationView key={conversation.id} conversation={conversation} at={at} />
      <Suspense fallback={<aside className="thread" />}>
        {thread !== undefined && <ThreadPanel key={thread} conversation={conversation} rootId={thread} />}
        {thread === undefined && panel === 'find' && <FindPanel conversation={conversation} />}
        {thread === undefined && panel === 'pins' && <PinsPanel conversation={conversation} />}
        {thread === undefined && panel === 'details' && <DetailsPanel conversation={conversation} />}
      </Suspense>
    </>
  );
}

/** Ctrl K jumps; Ctrl F finds in a conversation; Alt with arrows goes to the next one. */
function useShortcuts(conversations: readonly Conversation[], onJump: () => void): void {
  const navigate = useNavigate();
  const { conversationId } = useParams({ strict: false });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const isCommand = event.ctrlKey || event.metaKey;
      if (isCommand && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        onJump();
      } else if (
        isCommand &&
        event.key.toLowerCase() === 'f' &&
        document.querySelector('[data-list]:not([data-list="plain"])') !== null &&
        conversationId !== undefined
      ) {
        event.preventDefault();
        void navigate({ to: '/c/$conversationId', params: { conversationId }, search: { panel: 'find' } });
      } else if (event.altKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
        const links = [...document.querySelectorAll<HTMLAnchorElement>('.side .row[href^="/c/"]')];
        const here = links.findIndex((link) => link.ariaCurrent === 'page');
        const next = links[here + (event.key === 'ArrowDown' ? 1 : -1)];
        if (next === undefined) return;
        event.preventDefault();
        next.click();
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [conversations, conversationId, navigate, onJump]);
}
