import { z } from 'zod';
import { ApiError, unauthenticated } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import { changeProfile, keepSettings, readProfile } from '../queries/profile.ts';
import { requirePerson, signedIn } from '../require-person.ts';
import { failures, flagsSchema, lineOf, personSchema } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import { isStorableJson } from '../storable-json.ts';
import type { App } from './app.ts';

/** What a page keeps for its person; we only keep it. */
const settingsSchema = z.record(z.string(), z.unknown());
const MOST_SETTINGS_BYTES = 8_192;

const meAnswer = z.object({
  user: personSchema.extend({ title: z.string() }),
  flags: flagsSchema,
  settings: settingsSchema,
  serverTimeMs: z.number().describe("The database's clock, in milliseconds since 1970"),
});
const flagsAnswer = z.object({ flags: flagsSchema });
const profileBody = z.object({ name: lineOf(1, 100).optional(), title: lineOf(0, 100).optional() });
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
      return { user: { id, name, email, title }, flags, settings, serverTimeMs };
    },
  });

  app.route({
    method: 'PATCH',
    url: '/v1/me',
    schema: { body: profileBody, response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      const { name = null, title = null } = request.body;
      if (!(await changeProfile(database, sessionOf(request), { name, title }))) throw unauthenticated();
      return await reply.status(204).send();
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/me/settings',
    schema: { body: settingsSchema, response: { 200: settingsAnswer, ...failures } },
    handler: async (request) => {
      // Looked at first: what is nested too deeply cannot even be measured.
      const isFine =
        isStorableJson(request.body) &&
        Buffer.byteLength(JSON.stringify(request.body)) <= MOST_SETTINGS_BYTES;
      if (!isFine) throw unfitSettings();
      const settings = signedIn(await keepSettings(database, sessionOf(request), request.body));
      return { settings };
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

const unfitSettings = (): ApiError =>
  new ApiError('invalid', 'These settings cannot be kept', {
    expected: `an object of at most ${MOST_SETTINGS_BYTES} bytes of JSON, not deeply nested, its texts without NUL characters and halves of surrogate pairs`,
  });
