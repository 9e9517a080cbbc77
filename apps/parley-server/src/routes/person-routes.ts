import { z } from 'zod';
import { ApiError, unauthenticated } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import { changeProfile, keepSettings, readProfile } from '../queries/profile.ts';
import { requirePerson, signedIn } from '../require-person.ts';
import { failures, flagsSchema, personSchema, textOf } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';

/** What a page keeps for its person; we only keep it. */
const settingsSchema = z.record(z.string().max(100), z.json());
const MOST_SETTINGS_BYTES = 8_192;

const meAnswer = z.object({
  user: personSchema.extend({ title: z.string() }),
  flags: flagsSchema,
  settings: settingsSchema,
  serverTimeMs: z.number().describe("The database's clock, in milliseconds since 1970"),
});
const flagsAnswer = z.object({ flags: flagsSchema });
const profileBody = z.object({ name: textOf(1, 100).optional(), title: textOf(0, 100).optional() });
const settingsAnswer = z.object({ settings: settingsSchema });

export function addPersonRoutes(app: App, { database, features }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/me',
    schema: { response: { 200: meAnswer, ...failures } },
    handler: async (request) => {
      const profile = signedIn(await readProfile(database, sessionOf(request)));
      const { id, name, email, title, settings, server_time_ms: serverTimeMs } = profile;
      const flags = await features.flagsOf({ id });
      return {
        user: { id, name, email, title },
        flags,
        settings: settingsSchema.parse(settings),
        serverTimeMs,
      };
    },
  });

  app.route({
    method: 'PATCH',
    url: '/v1/me',
    schema: { body: profileBody, response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      const { name = null, title = null } = request.body;
      const given = { name: name?.trim() ?? null, title: title?.trim() ?? null };
      if (given.name === '') throw new ApiError('invalid', 'A name is more than spaces', { field: 'name' });
      if (!(await changeProfile(database, sessionOf(request), given))) throw unauthenticated();
      return await reply.status(204).send();
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/me/settings',
    schema: { body: settingsSchema, response: { 200: settingsAnswer, ...failures } },
    handler: async (request) => {
      const text = JSON.stringify(request.body);
      if (Buffer.byteLength(text) > MOST_SETTINGS_BYTES || text.includes('\\u0000')) throw tooManySettings();
      const kept = signedIn(await keepSettings(database, sessionOf(request), request.body));
      return { settings: settingsSchema.parse(kept) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/flags',
    schema: { response: { 200: flagsAnswer, ...failures } },
    handler: async (request) => {
      const person = await requirePerson(database, request);
      return { flags: await features.flagsOf(person) };
    },
  });
}

const tooManySettings = (): ApiError =>
  new ApiError('invalid', 'These settings cannot be kept', {
    expected: `an object of at most ${MOST_SETTINGS_BYTES} bytes of JSON, without NUL characters`,
  });
