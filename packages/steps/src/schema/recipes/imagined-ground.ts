import type { Ground, Recipe } from './recipe.ts';
import { imaginedTable } from './table-facts.ts';

/** Where nobody can be asked, or what there is now does not count: an ordinary table on that server. */
export function imaginedGround({ table }: Recipe, serverMajor: number): Ground {
  return { serverMajor, table: imaginedTable(table ?? { schema: null, name: '' }), rewrites: null };
}
