import { createHash, randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { unauthenticated } from './api-error.ts';

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

/** Only reads the header: whether the session is valid is asked in the very statement that needs it. */
export function sessionOf(request: FastifyRequest): Buffer {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ', 2);
  const hash = scheme?.toLowerCase() === 'bearer' ? hashSessionToken(token) : undefined;
  if (hash === undefined) throw unauthenticated();
  return hash;
}

/** The room of all sockets that a session opened. Must agree with SESSION_ROOM_SQL. */
export const sessionRoom = (tokenHash: Buffer): string => `s:${tokenHash.toString('hex').slice(0, 32)}`;

/** Half of the hash is enough to be unique, and useless to whoever listens. */
export const SESSION_ROOM_SQL = "'s:' || left(encode(token_hash, 'hex'), 32)";
