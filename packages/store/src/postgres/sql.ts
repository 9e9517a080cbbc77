import { readFileSync } from 'node:fs';

/** The text of `src/sql/NAME.sql`. Read when the module loads, so that a missing file shows at once. */
export function sql(name: string): string {
  return readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), 'utf8').trim();
}
