import type { FastifyRequest } from 'fastify';

/** Whether whoever asks has what has this tag (RFC 9110, If-None-Match: compared weakly). */
export function isKnownTo(request: FastifyRequest, tag: string): boolean {
  const given = request.headers['if-none-match'];
  if (given === undefined) return false;
  return given.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag);
}
