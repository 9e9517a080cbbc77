import type { Node } from 'libpg-query';
import type { Statement } from '../sql/parse-statements.ts';
import { nameParts } from './created-and-dropped.ts';
import { callsIn, type FunctionCall } from './function-calls.ts';

/** What a statement leaves behind it beside the database's own objects. */
export interface SessionState {
  /** `SET search_path` */
  readonly what: string;
  /** Until when it stays: gone with the transaction, or there for whoever uses the session next. */
  readonly until: 'end of transaction' | 'end of session';
  /** What to write in its place. */
  readonly instead: string;
}

const leaveOut = 'leave it out';
const writeOut = 'write out the statement itself';
const setLocal = 'use SET LOCAL in a file that runs in one transaction';
const qualify = `qualify names with their schema, or ${setLocal}`;

const wholeSession: readonly (readonly [kind: string, what: string, instead: string])[] = [
  ['PrepareStmt', 'PREPARE', writeOut],
  ['ExecuteStmt', 'EXECUTE', writeOut],
  ['DeallocateStmt', 'DEALLOCATE', leaveOut],
  ['ListenStmt', 'LISTEN', leaveOut],
  ['UnlistenStmt', 'UNLISTEN', leaveOut],
  ['DiscardStmt', 'DISCARD', leaveOut],
  ['LoadStmt', 'LOAD', leaveOut],
];

/** Of several things, what stays longest; undefined for a statement that leaves nothing. */
export function sessionStateOf({ node }: Statement): SessionState | undefined {
  const whole = wholeSession.find(([kind]) => kind in node);
  if (whole) return { what: whole[1], until: 'end of session', instead: whole[2] };
  if ('VariableSetStmt' in node) return settingOf(node.VariableSetStmt);
  if ('ConstraintsSetStmt' in node) {
    const instead = 'use it in a file that runs in one transaction';
    return { what: 'SET CONSTRAINTS', until: 'end of transaction', instead };
  }
  // What a function does is done when it is called: by whom, and on which session, nobody knows here.
  if ('CreateFunctionStmt' in node) return temporaryOf(node);
  const states = [temporaryOf(node), ...callsIn(node).map(stateOfCall)].filter(
    (state) => state !== undefined,
  );
  return states.find(({ until }) => until === 'end of session') ?? states[0];
}

type VariableSet = Extract<Node, { VariableSetStmt: unknown }>['VariableSetStmt'];

function settingOf({ kind, name = 'ALL', is_local: isLocal }: VariableSet): SessionState {
  const verb = kind === 'VAR_RESET' || kind === 'VAR_RESET_ALL' ? 'RESET' : isLocal ? 'SET LOCAL' : 'SET';
  return {
    what: `${verb} ${name}`,
    until: isLocal ? 'end of transaction' : 'end of session',
    instead: name === 'search_path' ? qualify : setLocal,
  };
}

function stateOfCall({ funcname, args }: FunctionCall): SessionState | undefined {
  const [name, schema = 'pg_catalog'] = (funcname ?? []).flatMap(nameParts).toReversed();
  if (schema !== 'pg_catalog') return undefined;
  if (name === 'set_config') {
    const isLocal = isTrue(args?.[2]);
    const until = isLocal ? 'end of transaction' : 'end of session';
    return { what: `set_config(…, ${isLocal ? 'true' : 'false'})`, until, instead: qualify };
  }
  if (!/^pg_(try_)?advisory_lock(_shared)?$/.test(`${name}`)) return undefined;
  const instead = 'use pg_advisory_xact_lock in a file that runs in one transaction';
  return { what: `${name}()`, until: 'end of session', instead };
}

/** What is not plainly true may be false. */
function isTrue(argument: Node | undefined): boolean {
  return argument !== undefined && 'A_Const' in argument && argument.A_Const.boolval?.boolval === true;
}

function temporaryOf(node: Node): SessionState | undefined {
  const made = madeBy(node);
  if (!made?.isTemporary) return undefined;
  return {
    what: 'CREATE TEMP',
    until: made.dropsOnCommit ? 'end of transaction' : 'end of session',
    instead: 'use a table of the database, or ON COMMIT DROP in a file that runs in one transaction',
  };
}

interface Made {
  readonly isTemporary: boolean;
  readonly dropsOnCommit?: boolean;
}

function madeBy(node: Node): Made | undefined {
  if ('CreateStmt' in node) return madeAs(node.CreateStmt.relation, node.CreateStmt.oncommit);
  if ('CreateTableAsStmt' in node) return madeInto(node.CreateTableAsStmt.into);
  if ('SelectStmt' in node) return madeInto(node.SelectStmt.intoClause);
  if ('ViewStmt' in node) return madeAs(node.ViewStmt.view);
  if ('CreateSeqStmt' in node) return madeAs(node.CreateSeqStmt.sequence);
  if (!('CreateFunctionStmt' in node)) return undefined;
  const parts = (node.CreateFunctionStmt.funcname ?? []).flatMap(nameParts);
  return { isTemporary: parts.length > 1 && parts[0] === temporarySchema };
}

type Into = Extract<Node, { IntoClause: unknown }>['IntoClause'];
type Relation = Extract<Node, { RangeVar: unknown }>['RangeVar'];
const temporarySchema = 'pg_temp';

function madeInto(into: Into | undefined): Made | undefined {
  return into && madeAs(into.rel, into.onCommit);
}

function madeAs(relation: Relation | undefined, onCommit?: string): Made {
  const isTemporary = relation?.relpersistence === 't' || relation?.schemaname === temporarySchema;
  return { isTemporary, dropsOnCommit: onCommit === 'ONCOMMIT_DROP' };
}
