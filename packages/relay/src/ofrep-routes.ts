import { createHash } from 'node:crypto';
import type { EvaluationContext } from '@openfeature/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FlagProvider } from '@crossfade/flags/server';
import { assertKind, Refused } from './access.ts';
import { assertKnown } from './assert-known.ts';
import { isKnownTo } from './entity-tag.ts';
import type { EventStreams } from './event-streams.ts';
import { contextOf, ofrepAnswer, statusOf } from './ofrep-answer.ts';
import type { OfrepAnswer } from './ofrep-answer.ts';
import type { KeyRing, RelayKey } from './relay-key.ts';

interface OfrepSetting {
  readonly provider: FlagProvider;
  readonly streams: EventStreams;
  readonly ring: KeyRing;
  readonly keyOf: (request: FastifyRequest) => RelayKey;
}

const streamPath = '/ofrep/v1/stream';
/** How long a page may stay in the background before its client gives up its stream. */
const inactivityDelaySec = 120;

/** The OpenFeature Remote Evaluation Protocol 0.3: one flag, all flags, and a stream that tells when to ask again. */
export function addOfrepRoutes(app: FastifyInstance, { provider, streams, ring, keyOf }: OfrepSetting): void {
  app.post<{ Params: { key: string } }>('/ofrep/v1/evaluate/flags/:key', async (request, reply) => {
    assertKind(keyOf(request), ['client', 'server']);
    assertKnown(provider);
    const { key } = request.params;
    const answer = ofrepAnswer(key, provider.answer(key, contextOf(request.body)));
    return await reply.status(statusOf(answer)).send(answer);
  });

  app.post('/ofrep/v1/evaluate/flags', async (request, reply) => {
    assertKind(keyOf(request), ['client', 'server']);
    assertKnown(provider);
    const flags = answerAll(provider, contextOf(request.body));
    const whole = flags.find((answer) => 'errorCode' in answer && answer.errorCode === 'INVALID_CONTEXT');
    if (whole !== undefined) return await reply.status(400).send(whole);
    const requestUri = `${app.prefix}${streamPath}?token=${ring.streamTokenOf(keyOf(request))}`;
    const eventStreams = [{ type: 'sse', endpoint: { requestUri }, inactivityDelaySec }];
    return await sendTagged(request, reply, JSON.stringify({ flags, eventStreams }));
  });

  app.get(streamPath, { exposeHeadRoute: false, config: { streamToken: true } }, async (request, reply) => {
    assertKind(keyOf(request), ['client', 'server']);
    const headers = reply.getHeaders() as Record<string, string>;
    const lastSeen = request.headers['last-event-id'];
    const told = typeof lastSeen === 'string' ? lastSeen : undefined;
    if (!streams.add(reply.raw, headers, told)) {
      throw new Refused(503, 'as many listen here as there is room for: try again shortly');
    }
    reply.hijack();
  });
}

function answerAll(provider: FlagProvider, context: EvaluationContext): OfrepAnswer[] {
  return provider.keys().map((key) => ofrepAnswer(key, provider.answer(key, context)));
}

async function sendTagged(request: FastifyRequest, reply: FastifyReply, body: string): Promise<FastifyReply> {
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  void reply.header('etag', tag);
  if (isKnownTo(request, tag)) return await reply.status(304).send();
  return await reply.type('application/json; charset=utf-8').send(body);
}
