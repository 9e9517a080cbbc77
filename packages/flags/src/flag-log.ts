/** Where the provider says what happens to it; pino's and Fastify's loggers fit. */
export interface FlagLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
