import { addCheck } from './add-check.ts';
import { addColumn } from './add-column.ts';
import { addEnumValue } from './add-enum-value.ts';
import { addForeignKey } from './add-foreign-key.ts';
import { addIdentity } from './add-identity.ts';
import { addIndex } from './add-index.ts';
import { addUnique } from './add-unique.ts';
import type { Change } from './change-schema.ts';
import type { Recipe } from './recipe.ts';
import { setNotNull } from './set-not-null.ts';

/** @throws Error for a change that validation would have refused. */
export function recipeOf(change: Change): Recipe {
  if (change.add_index) return addIndex(change.add_index);
  if (change.set_not_null) return setNotNull(change.set_not_null);
  if (change.add_check) return addCheck(change.add_check);
  if (change.add_foreign_key) return addForeignKey(change.add_foreign_key);
  if (change.add_unique) return addUnique(change.add_unique);
  if (change.add_column) return addColumn(change.add_column);
  if (change.add_enum_value) return addEnumValue(change.add_enum_value);
  if (change.add_identity) return addIdentity(change.add_identity);
  throw new Error('the change names no recipe');
}
