import type { Node } from 'libpg-query';

export type AlterCommand = Extract<Node, { AlterTableCmd: unknown }>['AlterTableCmd'];

/** The parser leaves out what is empty. */
export function listed(nodes: readonly Node[] | undefined): readonly Node[] {
  return nodes ?? [];
}

/** The parts of an ALTER TABLE, in the order of the statement; none for any other. */
export function alterCommandsOf(node: Node): readonly AlterCommand[] {
  if (!('AlterTableStmt' in node)) return [];
  return listed(node.AlterTableStmt.cmds).flatMap((command) =>
    'AlterTableCmd' in command ? [command.AlterTableCmd] : [],
  );
}
