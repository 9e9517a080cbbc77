import { z } from 'zod';
import type { Parley } from '../parley.ts';
import { activeNotices, type NoticeRow } from '../queries/notices.ts';
import { requirePerson } from '../require-person.ts';
import { failures } from '../schemas.ts';
import { checkReadiness } from '../readiness.ts';
import type { App } from './app.ts';

const noticeSchema = z.object({
  id: z.string(),
  kind: z.enum(['info', 'work', 'trouble']),
  title: z.string(),
  text: z.string(),
  progress: z.number().nullable(),
  until: z.string().nullable(),
  startedAt: z.string(),
});
const noticesAnswer = z.object({ notices: z.array(noticeSchema) });
const statusAnswer = noticesAnswer.extend({
  ok: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean() })),
});

/** What is going on, for whoever uses Parley; and whether it runs, for everybody. */
export function addNoticeRoutes(app: App, parley: Parley): void {
  const { database } = parley;
  app.route({
    method: 'GET',
    url: '/v1/notices',
    schema: { response: { 200: noticesAnswer, ...failures } },
    handler: async (request) => {
      await requirePerson(database, request);
      return { notices: (await activeNotices(database)).map(toNotice) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/status',
    schema: { security: [], response: { 200: statusAnswer, ...failures } },
    handler: async () => {
      const readiness = await checkReadiness(parley);
      const checks = Object.entries(readiness).map(([name, { ok }]) => ({ name, ok }));
      const ok = checks.every((check) => check.ok);
      // Without the database nothing is known of notices, and that is what the checks say.
      const notices = readiness.database.ok ? (await activeNotices(database)).map(toNotice) : [];
      return { ok, checks, notices };
    },
  });
}

const toNotice = (row: NoticeRow): z.output<typeof noticeSchema> => ({
  id: row.id,
  kind: row.kind,
  title: row.title,
  text: row.text,
  progress: row.progress,
  until: row.until?.toISOString() ?? null,
  startedAt: row.started_at.toISOString(),
});
