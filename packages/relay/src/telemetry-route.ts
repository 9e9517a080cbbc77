import type { FastifyInstance, FastifyRequest } from 'fastify';
import { assertKind, Refused } from './access.ts';
import type { RelayKey } from './relay-key.ts';
import { OrderRefused } from './switch-routes.ts';

/**
 * Keeps what an application reports of its flags.
 * @param batch as it came: whoever keeps it looks whether it makes sense.
 * @param source who says so: the kind and the name of the key. A page's key is known to everybody who opens the page.
 * @throws {OrderRefused} where it makes no sense, or cannot be kept now.
 */
export type TakeTelemetry = (batch: unknown, source: string) => Promise<void>;

interface TelemetrySetting {
  readonly takeTelemetry: TakeTelemetry;
  readonly keyOf: (request: FastifyRequest) => RelayKey;
}

/** A batch of a busy process: fifty thousand exposures. */
const bodyLimit = 16 * 1_024 * 1_024;
/** A page tells of one person; its key is public, and so is what can be done with it. */
const pageLimit = 65_536;

/** `POST /crossfade/v1/telemetry` with a batch of @crossfade/telemetry. */
export function addTelemetryRoute(app: FastifyInstance, { takeTelemetry, keyOf }: TelemetrySetting): void {
  const options = {
    bodyLimit,
    preParsing: async (request: FastifyRequest): Promise<void> => {
      if (keyOf(request).kind === 'client') assertSmall(request);
    },
  };
  app.post('/crossfade/v1/telemetry', options, async (request, reply) => {
    const key = keyOf(request);
    assertKind(key, ['client', 'server']);
    if (request.body === undefined || request.body === null) {
      throw new OrderRefused('expected a batch of news, found nothing');
    }
    await takeTelemetry(request.body, `${key.kind} ${key.name}`);
    return await reply.status(204).send();
  });
}

/** Before it is read: how much there is must be said. */
function assertSmall({ headers }: FastifyRequest): void {
  const length = headers['content-length'];
  if (length !== undefined && Number(length) <= pageLimit) return;
  throw new Refused(
    413,
    `a page's batch: expected ${pageLimit} bytes at most, found ${length ?? 'no content-length'}`,
  );
}
