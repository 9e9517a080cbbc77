import { z } from 'zod';
import type { Parley } from '../parley.ts';
import { failures } from '../schemas.ts';
import type { App } from './app.ts';

const workspaceAnswer = z.object({
  name: z.string(),
  signUp: z.boolean().describe('Whether anybody may make an account'),
});

/** For whoever stands at the door. */
export function addWorkspaceRoute(app: App, { workspace }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/workspace',
    schema: { security: [], response: { 200: workspaceAnswer, ...failures } },
    handler: async () => workspace,
  });
}
