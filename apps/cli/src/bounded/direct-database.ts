import { redactUrl } from '@crossfade/local-postgres';
import { Refusal } from '../exit-codes.ts';

/**
 * The server behind a connection pooler (DATABASE_DIRECT_URL), when it is named: work on the application's database that a
 * pooler cannot carry is done there. That it is the same database is looked at before anything is done.
 * @throws Refusal for a text that is no such address.
 */
export function directDatabaseUrl(): string | undefined {
  const url = process.env['DATABASE_DIRECT_URL']?.trim();
  if (!url) return undefined;
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new Refusal(
      `DATABASE_DIRECT_URL ${redactUrl(url)}: expected postgres://user:password@host:port/name`,
    );
  return url;
}
