import { createHash, randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ApiError, unauthenticated } from './api-error.ts';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export const SESSION_DAYS = 30;

/** 32 random bytes as base64url: shown to the client once, stored by us only as its SHA-256. */
export function createSessionToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** @returns the SHA-256 under which the session is stored, or undefined for what cannot be a token of ours. */
export function hashSessionToken(token: unknown): Buffer | undefined {
  if (typeof token !== 'string' || !TOKEN.test(token)) return undefined;
  return createHash('sha256').update(token).digest();
}

export const SESSION_COOKIE = 'parley_session';

/**
 * Only reads the headers: whether the session is valid is asked in the very statement that needs it.
 * @throws ApiError unauthenticated without a token; forbidden when a page of somebody else's makes a browser ask with its cookie.
 */
export function sessionOf(request: FastifyRequest): Buffer {
  const { authorization, cookie, origin } = request.headers;
  if (authorization !== undefined) {
    const [scheme, token] = authorization.split(' ', 2);
    const hash = scheme?.toLowerCase() === 'bearer' ? hashSessionToken(token) : undefined;
    if (hash === undefined) throw unauthenticated();
    return hash;
  }
  const hash = hashSessionToken(sessionCookieIn(cookie));
  if (hash === undefined) throw unauthenticated();
  const changesNothing = request.method === 'GET' || request.method === 'HEAD';
  if (!changesNothing && !isSameOrigin(origin, request.host)) throw foreignOrigin();
  return hash;
}

/** What a browser has kept for us, if that is what it looks like. */
export function sessionCookieIn(header: string | undefined): string | undefined {
  return /(?:^|;\s*)parley_session=([A-Za-z0-9_-]{43})(?:;|$)/.exec(header ?? '')?.[1];
}

/** Browsers say which page a request comes from; a cookie alone does not. */
export function isSameOrigin(origin: string | undefined, host: string): boolean {
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

const foreignOrigin = (): ApiError =>
  new ApiError('forbidden', 'A session of a browser is good for pages of this server only', {
    field: 'origin',
    expected: 'the origin of this server',
  });

/** For the browser to keep, out of reach of scripts; `null` takes it back. */
export function sessionCookie(request: FastifyRequest, token: string | null): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax'];
  if (request.protocol === 'https') attributes.push('Secure');
  attributes.push(`Max-Age=${token === null ? 0 : SESSION_DAYS * 86_400}`);
  return [`${SESSION_COOKIE}=${token ?? ''}`, ...attributes].join('; ');
}

/** The room of all sockets that a session opened. Must agree with SESSION_ROOM_SQL. */
export const sessionRoom = (tokenHash: Buffer): string => `s:${tokenHash.toString('hex').slice(0, 32)}`;

/** Half of the hash is enough to be unique, and useless to whoever listens. */
export const SESSION_ROOM_SQL = "'s:' || left(encode(token_hash, 'hex'), 32)";
