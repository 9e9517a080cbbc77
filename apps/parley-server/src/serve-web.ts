import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const PLACEHOLDER = '__CSP_NONCE__';
const NONCE_BYTES = 16;

/** Nothing runs and nothing is loaded that this server did not put there; what people write can never become a script. */
const policyWith = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

/**
 * Serves a built page beside the API: its files, which carry a digest in their names and may be kept for ever, and the page itself
 * for every path that a browser shows, since the page knows where it leads.
 * @param folder as apps/parley-web/build.ts has made it. @throws Error when there is no page in it.
 */
export async function serveWeb(app: FastifyInstance, folder: string): Promise<void> {
  const root = resolve(folder);
  const page = await readPage(root);
  await app.register(fastifyStatic, {
    root: join(root, 'assets'),
    prefix: '/assets/',
    decorateReply: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
  });
  const sendPage = async (_: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const nonce = randomBytes(NONCE_BYTES).toString('base64');
    return await reply
      .header('content-security-policy', policyWith(nonce))
      // Of this address alone; and never an old page that asks for files that are gone.
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(page.replaceAll(PLACEHOLDER, nonce));
  };
  app.route({ method: 'GET', url: '/', schema: { hide: true }, handler: sendPage });
  app.route<{ Params: { '*': string } }>({
    method: 'GET',
    url: '/*',
    schema: { hide: true },
    handler: async (request, reply) => {
      if (isOfPage(request.params['*'], request.headers.accept)) return await sendPage(request, reply);
      reply.callNotFound();
      return reply;
    },
  });
}

/** Whoever looks for a file, asks the API, or checks whether something answers is not told by a page that all is well. */
const isOfPage = (path: string, accept = ''): boolean =>
  accept.includes('text/html') && !path.includes('.') && !/^(?:v1|assets)(?:\/|$)/.test(path);

async function readPage(root: string): Promise<string> {
  const file = join(root, 'index.html');
  try {
    const page = await readFile(file, 'utf8');
    if (page.includes(PLACEHOLDER)) return page;
  } catch (error) {
    throw new Error(`--web ${root}: expected a built web app, found no index.html that can be read`, {
      cause: error,
    });
  }
  throw new Error(`${file}: expected ${PLACEHOLDER} in it, as apps/parley-web/build.ts leaves it there`);
}
