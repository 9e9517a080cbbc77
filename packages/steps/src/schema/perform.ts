import { TerminalError, type EffectCall, type JsonObject, type PerformContext } from '@crossfade/engine';
import { refuseUnwritable } from '../target/refuse-unwritable.ts';
import { takeOver } from '../target/take-over.ts';
import { withTarget } from '../target/with-target.ts';
import type { SchemaConfig } from './config.ts';
import { readMigrationFile, type MigrationFile } from './migration-file.ts';
import { preflight } from './preflight.ts';
import { runAlone } from './run-alone.ts';
import { runTogether } from './run-together.ts';
import { refusePooler } from './refuse-pooler.ts';
import { StatementLedger } from './statement-ledger.ts';
import type { SchemaWork } from './schema-work.ts';
import { undoTasks } from './undo-tasks.ts';

/** Applies a migration or takes it back; performed again, it goes on where it was cut off. */
export async function performSchema(
  effect: EffectCall<SchemaConfig>,
  context: PerformContext,
): Promise<JsonObject> {
  const { config, kind } = effect;
  if (kind !== 'apply' && kind !== 'revert') throw new TerminalError(`schema has no effect ${kind}`);
  const file = readMigrationFile(config, context.files);
  return await withTarget(context, async (connection) => {
    // Of both directions: what could not be taken back must not be begun.
    if (kind === 'apply') {
      refusePooler(connection, config.file, [...file.apply.statements, ...file.revert.statements]);
    }
    if (kind === 'apply') await refuseUnwritable(connection, context.stepId);
    await takeOver(connection, context);
    const ledger = new StatementLedger(connection, context);
    const work: SchemaWork = { connection, context, config, ledger };
    return kind === 'apply' ? await apply(work, file) : await revert(work, file);
  });
}

async function apply(work: SchemaWork, { apply: part, revert }: MigrationFile): Promise<JsonObject> {
  await work.ledger.apart().forgetOther('apply');
  const tasks = part.statements.map((statement, index) => ({ statement, index }));
  const finished = await work.ledger.apart().finishedAmong('apply', tasks);
  const open = tasks.filter(({ index }) => !finished.has(index)).map(({ statement }) => statement);
  if (open.length > 0) await preflight(work, { apply: open, revert: revert.statements });
  if (part.together) await runTogether(work, 'apply', tasks);
  else await runAlone(work, 'apply', tasks);
  return { statements: part.statements.length };
}

async function revert(work: SchemaWork, file: MigrationFile): Promise<JsonObject> {
  const tasks = undoTasks(file, await work.ledger.apart().begunStatements('apply'));
  // Only now: where nothing was begun, as when it was refused itself, there is nothing to refuse.
  refusePooler(
    work.connection,
    work.config.file,
    tasks.map(({ statement }) => statement),
  );
  if (file.revert.together) await runTogether(work, 'revert', tasks);
  else await runAlone(work, 'revert', tasks);
  await work.ledger.apart().forgetOther('revert');
  return { statements: tasks.length };
}
