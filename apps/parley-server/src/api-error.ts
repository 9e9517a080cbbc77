/** The words by which a client tells one failure from another; the HTTP status follows from the word. */
const STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  timeout: 408,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type ApiErrorCode = keyof typeof STATUS;

export type ApiErrorDetails = {
  field?: string;
  expected?: string;
  retryAfterSeconds?: number;
};

/** The body of every answer that is not a success. */
export type ApiErrorBody = {
  error: { code: ApiErrorCode; message: string; field?: string; expected?: string };
};

/** A failure that the client is told about, in words that are safe to show. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly details: ApiErrorDetails;

  constructor(code: ApiErrorCode, message: string, details: ApiErrorDetails = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return STATUS[this.code];
  }

  body(): ApiErrorBody {
    const { field, expected } = this.details;
    return {
      error: {
        code: this.code,
        message: this.message,
        ...(field === undefined ? {} : { field }),
        ...(expected === undefined ? {} : { expected }),
      },
    };
  }
}

export const unauthenticated = (): ApiError =>
  new ApiError('unauthenticated', 'No valid session: log in and send its token', {
    field: 'authorization',
    expected: 'Bearer TOKEN of a session that has neither ended nor expired',
  });

/** Also for conversations that exist but are not the asker's: nobody learns of them by guessing. */
export const noSuchConversation = (): ApiError =>
  new ApiError('not_found', 'There is no such conversation among yours');

export const noSuchMessage = (): ApiError =>
  new ApiError('not_found', 'There is no such message in your conversations');
