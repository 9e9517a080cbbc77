import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FlagProvider, FlagSnapshot } from '@crossfade/flags/server';
import { assertKind } from './access.ts';
import { assertKnown } from './assert-known.ts';
import { isKnownTo } from './entity-tag.ts';
import type { RelayKey } from './relay-key.ts';

interface SyncSetting {
  readonly provider: FlagProvider;
  readonly keyOf: (request: FastifyRequest) => RelayKey;
}

const noFlags = JSON.stringify({ flags: {} });

/** For servers that evaluate in their own process: the document for any flagd, and who is in which segment for ours. */
export function addSyncRoutes(app: FastifyInstance, { provider, keyOf }: SyncSetting): void {
  app.get('/flagd/v1/flags.json', async (request, reply) => {
    assertKind(keyOf(request), ['server']);
    assertKnown(provider);
    const snapshot = provider.snapshot();
    const document = snapshot?.document ?? noFlags;
    return await send(request, reply, { body: document, tag: `"${snapshot?.digest ?? 'none'}"` });
  });

  /** Made once for all who ask for it: a segment may have a hundred thousand members. */
  const made = new WeakMap<FlagSnapshot, { readonly body: string; readonly tag: string }>();
  app.get('/crossfade/v1/snapshot', async (request, reply) => {
    assertKind(keyOf(request), ['server']);
    assertKnown(provider);
    const snapshot = provider.snapshot();
    if (snapshot === undefined) return await send(request, reply, { body: 'null', tag: '"none"' });
    const answer = made.get(snapshot) ?? encode(snapshot);
    made.set(snapshot, answer);
    return await send(request, reply, answer);
  });
}

function encode({ revision, digest, document, segments }: FlagSnapshot): { body: string; tag: string } {
  const members = [...segments].map(([name, keys]) => [name, [...keys]]);
  const body = JSON.stringify({ revision, digest, document, segments: members });
  return { body, tag: `"${createHash('sha256').update(body).digest('base64url')}"` };
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, tag }: { readonly body: string; readonly tag: string },
): Promise<FastifyReply> {
  void reply.header('etag', tag).header('cache-control', 'private, no-cache');
  if (isKnownTo(request, tag)) return await reply.status(304).send();
  return await reply.type('application/json; charset=utf-8').send(body);
}
