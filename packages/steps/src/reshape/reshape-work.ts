import { TerminalError, type PerformContext, type TargetConnection } from '@crossfade/engine';
import { schemaConfigSchema } from '../schema/config.ts';
import { runAlone } from '../schema/run-alone.ts';
import { runTogether } from '../schema/run-together.ts';
import type { SchemaWork, Task, Way } from '../schema/schema-work.ts';
import { StatementLedger } from '../schema/statement-ledger.ts';
import { parseStatements } from '../sql/parse-statements.ts';
import type { PhaseSql } from './phase-sql.ts';

interface Limits {
  readonly table?: string;
  readonly lock_timeout: number;
  readonly hold_timeout: number;
  readonly statement_timeout: number;
  readonly attempts: number;
}

export interface ReshapeWork {
  readonly connection: TargetConnection;
  readonly context: PerformContext;
  readonly limits: Limits;
}

/** Statements of all phases of a step lie in one ledger: each phase has its own places there. */
const phaseNumbers = { expand: 0, link: 1, swap: 2, close: 3, prepare: 4, finish: 5 } as const;
const mostStatements = 10_000;

export type PhaseName = keyof typeof phaseNumbers;

/** Carries one direction of a phase out as a migration is: with lock time-outs, in attempts, resumed where it was cut off. */
export async function runPhase(
  work: ReshapeWork,
  phase: PhaseName,
  way: Way,
  { apply, revert, together }: PhaseSql,
): Promise<void> {
  const parsed = parseStatements(way === 'apply' ? apply : revert);
  if (!parsed.ok) throw new TerminalError(`${phase}: line ${parsed.line}: ${parsed.message}`);
  const first = phaseNumbers[phase] * mostStatements;
  const tasks: Task[] = parsed.statements.map((statement, at) => ({ statement, index: first + at }));
  const schemaWork = toSchemaWork(work, phase);
  if (tasks.length === 0) return;
  if (together || way === 'revert') await runTogether(schemaWork, way, tasks);
  else await runAlone(schemaWork, way, tasks);
}

/** Whether anything of a phase has been done. */
export async function isBegun(work: ReshapeWork, phase: PhaseName): Promise<boolean> {
  const first = phaseNumbers[phase] * mostStatements;
  const begun = await toSchemaWork(work, phase).ledger.apart().begunStatements('apply');
  return [...begun].some((place) => place >= first && place < first + mostStatements);
}

function toSchemaWork({ connection, context, limits }: ReshapeWork, phase: PhaseName): SchemaWork {
  const { lock_timeout, hold_timeout, statement_timeout, attempts } = limits;
  const file = `${context.stepId} (${phase})`;
  return {
    connection,
    context,
    config: {
      ...schemaConfigSchema.parse({ file }),
      lock_timeout,
      hold_timeout,
      statement_timeout,
      attempts,
    },
    ledger: new StatementLedger(connection, context),
  };
}
