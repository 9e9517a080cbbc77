import { quoteRelation, quoteText } from '../../sql/quote-name.ts';
import type { AddEnumValue } from './change-schema.ts';
import { compiled, type Recipe } from './recipe.ts';

/** The one change that Postgres cannot take back. Said again it does nothing, so that a run after an undo finds it there. */
export function addEnumValue({ type, value, before, after }: AddEnumValue): Recipe {
  const stays = `The value '${value}' stays in ${type.name}: Postgres takes none back. It does no harm while nothing uses it.`;
  return {
    name: 'add_enum_value',
    does: `adds the value '${value}' to ${type.name}`,
    table: null,
    type,
    lint: () => [
      ...(before !== undefined && after !== undefined
        ? ['add_enum_value: expected before or after, not both']
        : []),
      ...(new TextEncoder().encode(value).length > 63
        ? ['add_enum_value.value: expected at most 63 bytes']
        : []),
    ],
    compile: () => {
      const parts = [
        `alter type ${quoteRelation(type)} add value if not exists ${quoteText(value)}`,
        before !== undefined && `before ${quoteText(before)}`,
        after !== undefined && `after ${quoteText(after)}`,
      ];
      return compiled([parts.filter(Boolean).join(' ')], [], { together: true, notes: [stays] });
    },
    stays,
  };
}
