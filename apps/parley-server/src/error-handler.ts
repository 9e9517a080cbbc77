import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from './api-error.ts';
import { isDatabaseUnavailable } from './database-errors.ts';

const RETRY_AFTER_SECONDS = 1;

/** Answers with the contract's error body; what the client must not see (SQL, stacks) goes to the log only. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const answer = toApiError(error, request.routeOptions.bodyLimit);
  if (answer.status >= 500) {
    const route = request.routeOptions.url ?? 'unmatched';
    request.log[answer.code === 'internal' ? 'error' : 'warn']({ err: error, route }, 'request failed');
  }
  const { retryAfterSeconds } = answer.details;
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  void reply.status(answer.status).send(answer.body());
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply): void {
  const answer = new ApiError('not_found', `There is no ${request.method} route at this path`);
  void reply.status(answer.status).send(answer.body());
}

function toApiError(error: FastifyError, bodyLimit: number | undefined): ApiError {
  if (error instanceof ApiError) return error;
  if (error.validation !== undefined) return toInvalid(error);
  if (isDatabaseUnavailable(error)) {
    return new ApiError('unavailable', 'The database does not answer at the moment: try again shortly', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
  return toProtocolError(error, bodyLimit);
}

function toInvalid(error: FastifyError): ApiError {
  const first = error.validation?.[0];
  const field = first?.instancePath.split('/').filter(Boolean).join('.') ?? '';
  const place = { body: 'body', querystring: 'query', params: 'path', headers: 'headers' };
  const where = place[error.validationContext ?? 'body'] ?? 'request';
  return new ApiError(
    'invalid',
    field === '' ? `The ${where} is not valid` : `${field} in the ${where} is not valid`,
    {
      ...(field === '' ? {} : { field }),
      expected: first?.message ?? 'what /v1/openapi.json describes',
    },
  );
}

/** What Fastify itself refuses before a route sees it. */
function toProtocolError(error: FastifyError, bodyLimit: number | undefined): ApiError {
  const status = error.statusCode ?? 500;
  if (status === 413) {
    return new ApiError('too_large', 'The body is too large', {
      expected: bodyLimit === undefined ? 'less' : `at most ${bodyLimit.toLocaleString('en')} bytes`,
    });
  }
  if (status === 415) {
    return new ApiError('invalid', 'The body must be JSON', {
      field: 'content-type',
      expected: 'application/json',
    });
  }
  if (status >= 400 && status < 500) return new ApiError('invalid', error.message);
  return new ApiError('internal', 'Something went wrong on our side');
}
