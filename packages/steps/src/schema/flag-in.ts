import type { Node } from 'libpg-query';
import { listed } from './alter-commands.ts';

/**
 * Whether an option of a statement, such as CONCURRENTLY or `create_slot = false`, is switched on: by its name alone, or by
 * any word but those for no. Undefined when it is not there.
 */
export function flagIn(options: readonly Node[] | undefined, name: string): boolean | undefined {
  for (const option of listed(options)) {
    if ('DefElem' in option && option.DefElem.defname === name) return !saysNo(option.DefElem.arg);
  }
  return undefined;
}

function saysNo(value: Node | undefined): boolean {
  if (!value) return false;
  if ('String' in value) return /^(false|off|no|0)$/i.test(`${value.String.sval}`);
  if ('Integer' in value) return (value.Integer.ival ?? 0) === 0;
  return 'Boolean' in value && value.Boolean.boolval !== true;
}
