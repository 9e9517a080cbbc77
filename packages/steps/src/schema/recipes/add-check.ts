import { quoteName, quoteRelation } from '../../sql/quote-name.ts';
import type { AddCheck } from './change-schema.ts';
import { lintPart } from './lint-part.ts';
import { compiled, type Recipe } from './recipe.ts';

/** In force for what is written from now on at once; what is there already is looked through beside readers and writers. */
export function addCheck({ table, name, check }: AddCheck): Recipe {
  return {
    name: 'add_check',
    does: `adds the check ${name} to ${table.name}`,
    table,
    lint: () => lintPart('add_check.check', check),
    compile: (ground) => {
      const on = `alter table ${quoteRelation(ground.table.name)}`;
      const constraint = quoteName(name);
      return compiled(
        [
          `${on} add constraint ${constraint} check (${check}) not valid`,
          `${on} validate constraint ${constraint}`,
        ],
        [`${on} drop constraint if exists ${constraint}`],
      );
    },
    violations: (facts) => ({
      from: `${quoteRelation(facts.name)} where not (${check})`,
      keys: facts.key,
      noun: 'row',
    }),
  };
}
