import { derivedName } from '../../sql/derived-name.ts';
import { quoteRelation } from '../../sql/quote-name.ts';
import type { TableFacts } from './table-facts.ts';

/** A partitioned table, or a part of it, with the name that its index gets. */
export interface NamedMember {
  /** As SQL. */
  readonly on: string;
  readonly index: string;
  /** The index with its schema, as SQL. */
  readonly qualified: string;
  readonly isPartitioned: boolean;
  /** Null for the table itself. */
  readonly parent: NamedMember | null;
}

/** The table and all its partitions, parents before their children; no two indexes have one name, wherever they lie. */
export function partitionsWithNames(
  table: TableFacts,
  columns: readonly string[],
  label: string,
  given?: string,
): readonly NamedMember[] {
  const taken = new Set(table.takenNames);
  const named = (
    name: TableFacts['name'],
    isPartitioned: boolean,
    parent: NamedMember | null,
    index = derivedName(name.name, columns, label, taken),
  ): NamedMember => {
    taken.add(index);
    const qualified = quoteRelation({ schema: name.schema, name: index });
    return { on: quoteRelation(name), index, qualified, isPartitioned, parent };
  };
  const root = named(table.name, true, null, given);
  const members: NamedMember[] = [];
  for (const { name, isPartitioned, parent } of table.partitions) {
    members.push(named(name, isPartitioned, parent === null ? root : (members[parent] ?? root)));
  }
  return [root, ...members];
}
