import { TerminalError, type EffectCall, type JsonObject, type PerformContext } from '@crossfade/engine';
import { takeOver } from '../target/take-over.ts';
import { withTarget } from '../target/with-target.ts';
import type { SchemaConfig } from './config.ts';
import { readMigrationFile } from './migration-file.ts';
import { runAlone } from './run-alone.ts';
import { runTogether } from './run-together.ts';
import { createdBy, droppedBy } from './created-and-dropped.ts';
import { StatementLedger } from './statement-ledger.ts';
import type { SchemaWork } from './schema-work.ts';

/** Applies a migration or takes it back; performed again, it goes on where it was cut off. */
export async function performSchema(
  effect: EffectCall<SchemaConfig>,
  context: PerformContext,
): Promise<JsonObject> {
  const { config, kind } = effect;
  if (kind !== 'apply' && kind !== 'revert') throw new TerminalError(`schema has no effect ${kind}`);
  const file = readMigrationFile(config, context.files);
  return await withTarget(context, async (connection) => {
    await takeOver(connection, context);
    const ledger = new StatementLedger(connection, context);
    const work: SchemaWork = { connection, context, config, ledger };
    return kind === 'apply' ? await apply(work, file.apply) : await revert(work, file);
  });
}

type File = ReturnType<typeof readMigrationFile>;

async function apply(work: SchemaWork, part: File['apply']): Promise<JsonObject> {
  await work.ledger.forgetOther('apply');
  const tasks = part.statements.map((statement, index) => ({ statement, index }));
  if (part.together) await runTogether(work, 'apply', tasks);
  else await runAlone(work, 'apply', tasks);
  return { statements: part.statements.length };
}

async function revert(work: SchemaWork, file: File): Promise<JsonObject> {
  const begun = await work.ledger.begunStatements('apply');
  // What this run never did is not this run's to take back, whatever bears the name.
  const ours = new Set(
    file.apply.statements.flatMap((made, index) => (begun.has(index) ? createdBy(made) : [])),
  );
  const notOurs = new Set(file.apply.statements.flatMap(createdBy).filter((name) => !ours.has(name)));
  const tasks = file.revert.statements
    .map((statement, index) => ({ statement, index }))
    .filter(({ statement }) => begun.size > 0 && !droppedBy(statement).some((name) => notOurs.has(name)));
  if (file.revert.together) await runTogether(work, 'revert', tasks);
  else await runAlone(work, 'revert', tasks);
  await work.ledger.forgetOther('revert');
  return { statements: tasks.length };
}
