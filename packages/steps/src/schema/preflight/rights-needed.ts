import type { RelationName } from '../../target/lock-holders.ts';
import type { Statement } from '../../sql/parse-statements.ts';
import { relationsIn } from '../statement-facts.ts';

/** `drop`: as the owner of it, or of its schema. `create`: in the schema of that name, null for the current one. */
export type Right = 'own' | 'drop' | 'references' | 'trigger' | 'create';

export interface RightNeed {
  readonly right: Right;
  readonly line: number;
  /** Of `create` only the schema counts. */
  readonly relation: RelationName;
}

interface Named {
  readonly schemaname?: string;
  readonly relname?: string;
}

/** What a role must be allowed for a statement to be carried out, as far as its text shows. */
export function rightsNeeded(statement: Statement): readonly RightNeed[] {
  const { line } = statement;
  const need = (right: Right, named: Named | undefined): RightNeed[] =>
    named?.relname === undefined
      ? []
      : [{ right, line, relation: { schema: named.schemaname ?? null, name: named.relname } }];
  return [
    ...need('own', ownedBy(statement)),
    ...need('create', createdIn(statement)),
    ...need(
      'trigger',
      'CreateTrigStmt' in statement.node ? statement.node.CreateTrigStmt.relation : undefined,
    ),
    ...pointedTo(statement.node).flatMap((table) => need('references', table)),
    ...('DropStmt' in statement.node
      ? relationsIn(statement).map((relation) => ({ right: 'drop', line, relation }) as const)
      : []),
  ];
}

/** What only its owner may change so. */
function ownedBy({ node }: Statement): Named | undefined {
  if ('AlterTableStmt' in node) return node.AlterTableStmt.relation;
  if ('IndexStmt' in node) return node.IndexStmt.relation;
  if ('RenameStmt' in node) return node.RenameStmt.relation;
  if ('AlterObjectSchemaStmt' in node) return node.AlterObjectSchemaStmt.relation;
  if ('CreatePolicyStmt' in node) return node.CreatePolicyStmt.table;
  if ('AlterPolicyStmt' in node) return node.AlterPolicyStmt.table;
  return 'RuleStmt' in node ? node.RuleStmt.relation : undefined;
}

function createdIn({ node }: Statement): Named | undefined {
  if ('CreateStmt' in node) return node.CreateStmt.relation;
  if ('ViewStmt' in node) return node.ViewStmt.view;
  if ('CreateSeqStmt' in node) return node.CreateSeqStmt.sequence;
  return 'CreateTableAsStmt' in node ? node.CreateTableAsStmt.into?.rel : undefined;
}

/** Tables that foreign keys of the statement point to. */
function pointedTo(tree: unknown): readonly Named[] {
  if (typeof tree !== 'object' || tree === null) return [];
  if ('pktable' in tree && typeof tree.pktable === 'object' && tree.pktable !== null) return [tree.pktable];
  return Object.values(tree).flatMap(pointedTo);
}
