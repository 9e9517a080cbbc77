import { z } from 'zod';
import type { Parley } from '../parley.ts';
import { requirePerson } from '../require-person.ts';
import { failures, flagsSchema, personSchema } from '../schemas.ts';
import type { App } from './app.ts';

const meAnswer = z.object({ user: personSchema, flags: flagsSchema });
const flagsAnswer = z.object({ flags: flagsSchema });

export function addPersonRoutes(app: App, { database, features }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/me',
    schema: { response: { 200: meAnswer, ...failures } },
    handler: async (request) => {
      const { id, name, email } = await requirePerson(database, request);
      return { user: { id, name, email }, flags: await features.flagsOf({ id }) };
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
