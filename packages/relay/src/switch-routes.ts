import type { FastifyInstance, FastifyRequest } from 'fastify';
import { assertKind } from './access.ts';
import type { RelayKey } from './relay-key.ts';

/** The kill switch: what somebody with an operator's key wants, and why. */
export interface FlagOrder {
  readonly action: 'disable' | 'enable';
  readonly flags: readonly string[] | 'all';
  readonly reason: string;
  /** The name of the key. */
  readonly operator: string;
}

/**
 * Resolves when the order is journalled and in force, with the flags that it was for.
 * @throws {OrderRefused} where it makes no sense.
 */
export type SwitchFlags = (order: FlagOrder) => Promise<readonly string[]>;

export class OrderRefused extends Error {
  readonly statusCode: number;
  readonly code = 'GENERAL';

  constructor(message: string, statusCode: 400 | 503 = 400) {
    super(message);
    this.statusCode = statusCode;
  }
}

interface SwitchSetting {
  readonly switchFlags: SwitchFlags;
  readonly keyOf: (request: FastifyRequest) => RelayKey;
}

const longestReason = 500;

/** `POST /crossfade/v1/flags/disable` and `…/enable` with `{"flags": ["search"] | "all", "reason": "…"}`. */
export function addSwitchRoutes(app: FastifyInstance, { switchFlags, keyOf }: SwitchSetting): void {
  for (const action of ['disable', 'enable'] as const) {
    app.post(`/crossfade/v1/flags/${action}`, async (request) => {
      const key = keyOf(request);
      assertKind(key, ['operator']);
      const order = { action, operator: key.name, ...readOrder(request.body) };
      const flags = await switchFlags(order);
      request.log.warn({ ...order, flags }, 'flags were switched by hand');
      return { action, flags };
    });
  }
}

function readOrder(body: unknown): Pick<FlagOrder, 'flags' | 'reason'> {
  const { flags, reason } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const areNames =
    Array.isArray(flags) && flags.length > 0 && flags.every((flag) => typeof flag === 'string');
  if (flags !== 'all' && !areNames) {
    throw new OrderRefused(`flags: expected a list of names, or "all", found ${shown(flags)}`);
  }
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > longestReason) {
    throw new OrderRefused(
      `reason: expected a text of up to ${longestReason} letters, found ${shown(reason)}`,
    );
  }
  return { flags, reason: reason.trim() };
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value).slice(0, 60);
}
