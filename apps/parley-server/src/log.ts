/** What we need of a logger; Fastify's (pino) is one. */
export type Log = {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};

/**
 * What of an error may stand in a log. Postgres' errors also carry `detail` and `where`, which quote whole rows:
 * what people wrote to each other does not belong there.
 */
export function loggableError(error: Error): {
  type: string;
  message: string;
  code: string | undefined;
  stack: string;
} {
  const code: unknown = Reflect.get(error, 'code');
  return {
    type: error.name,
    message: error.message,
    code: typeof code === 'string' ? code : undefined,
    stack: error.stack ?? '',
  };
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
