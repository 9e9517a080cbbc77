import { createRootRoute, createRoute, createRouter, Outlet } from '@tanstack/react-router';
import { later } from './later.ts';
import { ConversationPage, Shell, StartPage } from './shell.tsx';
import { SignedIn } from './signed-in.tsx';

const DraftsPage = later(async () => (await import('../pages/drafts.tsx')).DraftsPage);
const MentionsPage = later(async () => (await import('../pages/mentions.tsx')).MentionsPage);
const SearchPage = later(async () => (await import('../pages/search.tsx')).SearchPage);
const SettingsPage = later(async () => (await import('../pages/settings.tsx')).SettingsPage);
const StatusPage = later(async () => (await import('../pages/status.tsx')).StatusPage);

type Panel = 'find' | 'pins' | 'details';

/** What may stand behind the question mark; whatever else does is left out. */
interface PlaceSearch {
  at?: number;
  thread?: string;
  panel?: Panel;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const panels: readonly unknown[] = ['find', 'pins', 'details'];

function placeSearch({ at, thread, panel }: Record<string, unknown>): PlaceSearch {
  return {
    ...(typeof at === 'number' && Number.isSafeInteger(at) && at > 0 ? { at } : {}),
    ...(typeof thread === 'string' && uuid.test(thread) ? { thread } : {}),
    ...(panels.includes(panel) ? { panel: panel as Panel } : {}),
  };
}

const root = createRootRoute({ component: Outlet });
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: () => (
    <SignedIn>
      <Shell />
    </SignedIn>
  ),
});
const start = createRoute({
  getParentRoute: () => inside,
  path: '/',
  validateSearch: ({ list }: Record<string, unknown>): { list?: boolean } => (list === true ? { list } : {}),
  component: StartPage,
});
const conversation = createRoute({
  getParentRoute: () => inside,
  path: '/c/$conversationId',
  validateSearch: placeSearch,
  component: ConversationPage,
});
const mentions = createRoute({ getParentRoute: () => inside, path: '/mentions', component: MentionsPage });
const drafts = createRoute({ getParentRoute: () => inside, path: '/drafts', component: DraftsPage });
const settings = createRoute({ getParentRoute: () => inside, path: '/settings', component: SettingsPage });
const search = createRoute({
  getParentRoute: () => inside,
  path: '/search',
  validateSearch: ({ q }: Record<string, unknown>): { q?: string } =>
    typeof q === 'string' || typeof q === 'number' ? { q: String(q) } : {},
  component: SearchPage,
});
const status = createRoute({ getParentRoute: () => root, path: '/status', component: StatusPage });

export const router = createRouter({
  routeTree: root.addChildren([
    inside.addChildren([start, conversation, mentions, drafts, settings, search]),
    status,
  ]),
  defaultPreload: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
