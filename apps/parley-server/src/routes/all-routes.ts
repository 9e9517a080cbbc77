import type { Parley } from '../parley.ts';
import type { App } from './app.ts';
import { addAttachmentRoutes } from './attachment-routes.ts';
import { addChangeRoutes } from './change-routes.ts';
import { addConversationRoutes } from './conversation-routes.ts';
import { addFeedRoutes } from './feed-routes.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addMemberRoutes } from './member-routes.ts';
import { addMessageRoutes } from './message-routes.ts';
import { addNoticeRoutes } from './notice-routes.ts';
import { addNotificationRoutes } from './notification-routes.ts';
import { addPeopleRoutes } from './people-routes.ts';
import { addPersonRoutes } from './person-routes.ts';
import { addReactionRoutes } from './reaction-routes.ts';
import { addSearchRoutes } from './search-routes.ts';
import { addSessionRoutes } from './session-routes.ts';
import { addThreadRoutes } from './thread-routes.ts';
import { addWorkspaceRoute } from './workspace-route.ts';

/**
 * Inside a plugin, so that the description of the API (registered before) sees every route.
 * @param addMore what this release has beside these.
 */
export async function addRoutes(app: App, parley: Parley, addMore: (app: App) => void): Promise<void> {
  addWorkspaceRoute(app, parley);
  addSessionRoutes(app, parley);
  addPersonRoutes(app, parley);
  addPeopleRoutes(app, parley);
  addMemberRoutes(app, parley);
  addConversationRoutes(app, parley);
  addMessageRoutes(app, parley);
  addChangeRoutes(app, parley);
  addFeedRoutes(app, parley);
  addReactionRoutes(app, parley);
  addThreadRoutes(app, parley);
  addNotificationRoutes(app, parley);
  addAttachmentRoutes(app, parley);
  addNoticeRoutes(app, parley);
  addSearchRoutes(app, parley);
  addMore(app);
  addHealthRoutes(app, parley);
  app.route({
    method: 'GET',
    url: '/v1/openapi.json',
    schema: { hide: true },
    handler: async () => app.swagger(),
  });
  await app.after();
}
