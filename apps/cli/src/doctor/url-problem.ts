import { redactUrl } from '@crossfade/local-postgres';
import type { Finding } from './finding.ts';

/** What is wrong with the text of a database's URL; undefined when it can be tried. */
export function urlProblem(url: string, fromEnvironment: boolean): Finding | undefined {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return undefined;
  return {
    area: 'database',
    level: 'problem',
    topic: 'database',
    what: `${fromEnvironment ? 'DATABASE_URL' : '--database'} ${redactUrl(url)} is not the URL of a Postgres`,
    todo: 'write postgres://user:password@host:port/name; / ? # @ : in a password as %2F %3F %23 %40 %3A',
  };
}
