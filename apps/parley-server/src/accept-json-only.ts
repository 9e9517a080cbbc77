import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.ts';

/** Bad bytes are refused: decoding them somehow would change what somebody wrote. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Fastify also takes plain text. A body that announces JSON and is empty counts as none. */
export function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    let text: string;
    try {
      text = UTF8.decode(Buffer.from(body));
    } catch {
      return done(new ApiError('invalid', 'The body is not text', { expected: 'JSON in UTF-8' }));
    }
    if (text === '') return done(null, undefined);
    // It answers through `done`, and returns nothing to wait for.
    void parse(request, text, done);
  });
}
