import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ApiError } from './api-error.ts';
import type { Limits } from './limits.ts';

const EXPECTATION_FAILED = 417;
const HEADER_FIELDS_TOO_LARGE = 431;

/**
 * What cannot be read as a request at all never reaches a route: it is answered here, in the same form as everything
 * else, and the connection ends.
 */
export function answerClientErrors(
  limits: Limits['request'],
): (error: Error & { code?: string }, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable || owesAnswer(socket)) socket.destroy();
    // Who sent this may not read either: the connection does not wait for them.
    else socket.end(answerTo(error.code, limits), () => socket.destroy());
  };
}

/**
 * The connection still owes the answer to a request that has arrived whole: whatever came behind it must not be answered in its
 * place.
 */
function owesAnswer(socket: Socket): boolean {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  return response instanceof ServerResponse && (response.headersSent || response.req.complete);
}

/** All bytes of an answer. */
function answerTo(code: string | undefined, limits: Limits['request']): string {
  const isOverflow = code === 'HPE_HEADER_OVERFLOW';
  const answer = toApiError(code, limits);
  const status = isOverflow ? HEADER_FIELDS_TOO_LARGE : answer.status;
  const body = JSON.stringify(answer.body());
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function toApiError(code: string | undefined, limits: Limits['request']): ApiError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('timeout', 'The request did not arrive in time', {
        expected: `headers within ${limits.headersMs / 1_000} s, the body within ${limits.wholeMs / 1_000} s more, a file within ${limits.fileMs / 1_000} s`,
      });
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError('too_large', 'The address and headers are too large', {
        expected: 'at most 16 KiB together',
      });
    default:
      return new ApiError('invalid', 'This is not an HTTP request', { expected: 'HTTP/1.1' });
  }
}

/** The only expectation that there is, 100-continue, is met by Node itself. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const answer = new ApiError('invalid', 'This expectation cannot be met', {
    field: 'expect',
    expected: '100-continue',
  });
  const body = JSON.stringify(answer.body());
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  };
  response.writeHead(EXPECTATION_FAILED, headers).end(body);
}
