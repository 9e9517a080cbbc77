import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { membersHeader, membersTag } from '@crossfade/flags/server';
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
  const made = new WeakMap<FlagSnapshot, Encoded>();
  app.get('/crossfade/v1/snapshot', async (request, reply) => {
    assertKind(keyOf(request), ['server']);
    assertKnown(provider);
    const snapshot = provider.snapshot();
    if (snapshot === undefined) return await send(request, reply, { body: 'null', tag: '"none"' });
    // Whoever knows the members already is sent what is new beside them.
    const isKnown = request.headers[membersHeader] === encodeURIComponent(membersTag(snapshot.segments));
    if (isKnown) return await send(request, reply, encode(snapshot, null));
    const answer = made.get(snapshot) ?? encode(snapshot, snapshot.segments);
    made.set(snapshot, answer);
    return await send(request, reply, answer);
  });
}

interface Encoded {
  readonly body: string;
  readonly tag: string;
}

/** Without members where the asker has them. The tag is of all of it, so that either is the same answer. */
function encode(snapshot: FlagSnapshot, segments: FlagSnapshot['segments'] | null): Encoded {
  const { revision, digest, document } = snapshot;
  const members = segments && [...segments].map(([name, keys]) => [name, [...keys]]);
  const whole = `${revision} ${digest} ${membersTag(snapshot.segments)}`;
  return {
    body: JSON.stringify({ revision, digest, document, segments: members }),
    tag: `"${createHash('sha256').update(whole).digest('base64url')}"`,
  };
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
