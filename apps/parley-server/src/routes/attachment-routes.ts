import { z } from 'zod';
import { ApiError, noSuchConversation } from '../api-error.ts';
import { fileNameOf, kindOf, PICTURES } from '../file-kind.ts';
import type { Parley } from '../parley.ts';
import { readAttachment, storeAttachment, sweepAttachments } from '../queries/attachments.ts';
import { authoriseReading } from '../queries/read-page.ts';
import { signedIn } from '../require-person.ts';
import { failures, idParams, idSchema, textOf } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';

const MOST_BYTES = 10_000_000;
/** Each is in memory as a whole, about three times over. */
const MOST_AT_ONCE = 8;
const SWEEP_INTERVAL_MS = 3_600_000;

const uploadQuery = z.object({ name: textOf(1, 1_000) });
const uploadAnswer = z.object({
  attachment: z.object({
    id: z.string(),
    name: z.string(),
    mediaType: z.string(),
    sizeBytes: z.number(),
    width: z.number().nullable(),
    height: z.number().nullable(),
  }),
});

const fileAnswer = z
  .instanceof(Buffer)
  .describe('The bytes as they were sent')
  .meta({ type: 'string', format: 'binary' });

export function addAttachmentRoutes(app: App, parley: Parley): void {
  const { database } = parley;
  addUpload(app, parley);

  app.route({
    method: 'GET',
    url: '/v1/attachments/:id',
    schema: { params: idParams, response: { 200: fileAnswer, ...failures } },
    handler: async (request, reply) => {
      const file = signedIn(await readAttachment(database, sessionOf(request), request.params.id));
      if (file === null) throw noSuchFile();
      const isPicture = PICTURES.has(file.media_type);
      return await reply
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('cache-control', 'private, max-age=31536000, immutable')
        .header('content-disposition', dispositionOf(isPicture ? 'inline' : 'attachment', file.name))
        .type(file.media_type)
        .send(file.data);
    },
  });

  const sweep = setInterval(() => {
    sweepAttachments(database).catch((error: unknown) =>
      app.log.warn({ err: error }, 'sweeping files failed'),
    );
  }, SWEEP_INTERVAL_MS);
  sweep.unref();
  app.addHook('onClose', async () => clearInterval(sweep));
}

/** In a scope of its own: nowhere else is a body anything but JSON. */
function addUpload(app: App, { database }: Parley): void {
  let uploads = 0;
  void app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_, body, done) =>
      done(null, body),
    );
    scope.route({
      method: 'POST',
      url: '/v1/conversations/:id/attachments',
      schema: {
        params: idParams,
        querystring: uploadQuery,
        response: { 201: uploadAnswer, ...failures },
      },
      bodyLimit: MOST_BYTES,
      config: { takesFile: true },
      // Before anything of the body is taken: whoever may not send here must not fill our memory.
      onRequest: async (request, reply) => {
        const id = idSchema.safeParse((request.params as { id?: unknown }).id);
        if (!id.success) throw noSuchConversation();
        const access = signedIn(await authoriseReading(database, sessionOf(request), id.data));
        if (access.conversation === undefined) throw noSuchConversation();
        // Whoever has gone meanwhile would keep a place for good: their connection closes no second time.
        if (uploads >= MOST_AT_ONCE || reply.raw.closed) throw tooMany();
        uploads += 1;
        reply.raw.once('close', () => (uploads -= 1));
      },
      handler: async (request, reply) => {
        const data = request.body;
        if (!Buffer.isBuffer(data) || data.length === 0) throw nothingInIt();
        const name = fileNameOf(request.query.name);
        const kind = await kindOf(data, request.headers['content-type'] ?? '');
        const file = { conversationId: request.params.id, name, ...kind, data };
        const id = signedIn(await storeAttachment(database, sessionOf(request), file));
        if (id === null) throw noSuchConversation();
        const attachment = { id, name, sizeBytes: data.length, ...kind };
        return await reply.status(201).send({ attachment });
      },
    });
  });
}

/** As RFC 6266 has it: a name in ASCII for whom takes no other, and the real one. */
function dispositionOf(how: 'inline' | 'attachment', name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `${how}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

const noSuchFile = (): ApiError => new ApiError('not_found', 'There is no such file in your conversations');

const nothingInIt = (): ApiError =>
  new ApiError('invalid', 'There is nothing in this file', {
    field: 'body',
    expected: '1 to 10,000,000 bytes',
  });

const tooMany = (): ApiError =>
  new ApiError('unavailable', 'Many files are being uploaded at the moment: try again shortly', {
    retryAfterSeconds: 2,
  });
