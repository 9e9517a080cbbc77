import { z } from 'zod';
import type { Parley } from '../parley.ts';
import { activeAmong, findPeople, type ListedPerson, peopleByIds } from '../queries/people.ts';
import { signedIn } from '../require-person.ts';
import { failures, idSchema, limitInQuery, textOf } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';

const MOST_IDS = 100;

const idsInQuery = z
  .string()
  .max(MOST_IDS * 37)
  .transform((text) => text.split(','))
  .pipe(z.array(idSchema).max(MOST_IDS));
const peopleQuery = z.object({
  q: textOf(0, 100).optional(),
  ids: idsInQuery.optional(),
  limit: limitInQuery(50, 20),
});
const listedSchema = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  isAgent: z.boolean(),
  isActive: z.boolean(),
});
const peopleAnswer = z.object({ people: z.array(listedSchema) });
const presenceBody = z.object({ ids: z.array(idSchema).max(200) });
const presenceAnswer = z.object({ active: z.array(z.string()) });

export function addPeopleRoutes(app: App, { database }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/people',
    schema: { querystring: peopleQuery, response: { 200: peopleAnswer, ...failures } },
    handler: async (request) => {
      const { q = '', ids, limit } = request.query;
      const session = sessionOf(request);
      const rows =
        ids === undefined
          ? await findPeople(database, session, q.trim(), limit)
          : await peopleByIds(database, session, ids);
      return { people: signedIn(rows).map(toListed) };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/presence',
    schema: { body: presenceBody, response: { 200: presenceAnswer, ...failures } },
    handler: async (request) => {
      return { active: signedIn(await activeAmong(database, sessionOf(request), request.body.ids)) };
    },
  });
}

const toListed = ({ id, name, title, is_agent, is_active }: ListedPerson): z.output<typeof listedSchema> => ({
  id,
  name,
  title,
  isAgent: is_agent,
  isActive: is_active,
});
