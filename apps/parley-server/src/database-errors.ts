/** A SQLSTATE, when the error came from Postgres. */
function sqlStateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Two transactions met: this one was undone as a whole and may simply be run again. */
export function mayRunAgain(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '40P01' || state === '40001';
}

/** The table or column is not there: Batch 2's schema is not applied, or was just taken back. */
export function isMissingRelation(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '42P01' || state === '42703';
}

export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return sqlStateOf(error) === '23505' && propertyOf(error, 'constraint') === constraint;
}

/** PgBouncer knows few settings of a connection, and turns away whoever brings another one. */
export function refusesStatementTimeout(error: unknown): boolean {
  return error instanceof Error && /^unsupported startup parameter.*statement_timeout/.test(error.message);
}

/** No answer came in time: the statement may still run. */
export function isQueryTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // The Unix socket of a server that is down.
]);

/**
 * Shut-down, too many connections, a statement or a wait for a lock that was cut off for taking too long, and a server
 * that takes no writes, as a stand-by does in the middle of a fail-over; a full disk, no memory for the statement, or
 * one deadlock after another. Connection failures (08...) come on top.
 */
const UNAVAILABLE_STATES = new Set([
  '57P01',
  '57P02',
  '57P03',
  '57014',
  '53300',
  '55P03',
  '25006',
  '53100',
  '53200',
  '40P01',
  '40001',
]);

/** `pg` has no codes for these. */
const UNAVAILABLE_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/** True when the same request may well succeed in a moment. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined && (UNAVAILABLE_STATES.has(state) || state.startsWith('08'))) return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  const code = codeOf(error);
  if (code !== undefined && NETWORK_CODES.has(code)) return true;
  return error instanceof Error && UNAVAILABLE_MESSAGES.test(error.message);
}

const codeOf = (error: unknown): string | undefined => {
  const code = propertyOf(error, 'code');
  return typeof code === 'string' ? code : undefined;
};

function propertyOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}
