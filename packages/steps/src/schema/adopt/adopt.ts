import { TerminalError } from '@crossfade/engine';
import { inRolledBack } from '../../target/in-rolled-back.ts';
import { readServerMajor } from '../recipes/read-ground.ts';
import type { SchemaWork, Task } from '../schema-work.ts';
import { compareEffects, type Effect } from './compare-effects.ts';
import { mayHaveBeenDone } from './comparable.ts';
import { laterStatements } from './later-statements.ts';
import { otherTools } from './other-tools.ts';
import { recogniseFile } from './recognise-file.ts';

/**
 * Notes what is there already as found: it counts as done, and the undo leaves it to whom it belongs. What another run applied
 * is known by its file; what somebody else did is known by its effect.
 * @throws TerminalError where something else bears a name that is to be made, or where nobody can know what was done.
 */
export async function adopt(work: SchemaWork, tasks: readonly Task[]): Promise<void> {
  const earlier = await recogniseFile(work, tasks);
  if (earlier) {
    const what = `${work.config.file}, which run ${earlier.runId} applied at ${earlier.appliedAt}`;
    return await work.ledger.apart().adopt(tasks.map((task) => ({ task, what })));
  }
  const { effects, tools } = await lookAround(work, tasks);
  const found = tasks.flatMap((task, index) => {
    const effect = effects[index];
    return effect?.verdict === 'there' ? [{ task, what: effect.what }] : [];
  });
  const reasons = [
    ...differences(work, tasks, effects),
    ...(found.length > 0 ? doubts(work, tasks, effects) : []),
  ];
  if (reasons.length > 0) throw new TerminalError([...reasons, ...hint(tools)].join('\n'));
  if (found.length > 0) await work.ledger.apart().adopt(found);
}

interface Look {
  readonly effects: readonly Effect[];
  readonly tools: readonly string[];
}

async function lookAround(
  { connection, context, config }: SchemaWork,
  tasks: readonly Task[],
): Promise<Look> {
  const limits = { lockTimeoutMs: config.lock_timeout, statementTimeoutMs: 30_000 };
  return await inRolledBack(connection, limits, async () => {
    const statements = tasks.map(({ statement }) => statement);
    const later = async () => laterStatements(context, await readServerMajor(connection), statements);
    const effects = await compareEffects(connection, statements, { later, doneBefore: false });
    const isAllNew = effects.every(({ verdict }) => verdict === 'absent');
    return { effects, tools: isAllNew ? [] : await otherTools(connection) };
  });
}

function differences(
  { config }: SchemaWork,
  tasks: readonly Task[],
  effects: readonly Effect[],
): readonly string[] {
  return tasks.flatMap(({ statement }, index) => {
    const effect = effects[index];
    const was = `${config.file}:${statement.line}: what it is to make was there before this run, and`;
    if (effect?.verdict === 'unknown')
      return [
        `${was} nobody can tell whether it is the same: ${effect.names} cannot be compared: ${effect.why}`,
      ];
    if (effect?.verdict !== 'differs') return [];
    return [
      `${was} is not the same: ${effect.differences.join('; ')}. ` +
        'It is not ours to replace: rename it, or leave the statement out of the plan',
    ];
  });
}

/** Rows do not tell whether they were written by this statement: whoever made the rest may have done it, too. */
function doubts(
  { config }: SchemaWork,
  tasks: readonly Task[],
  effects: readonly Effect[],
): readonly string[] {
  return tasks.flatMap(({ statement }, index) => {
    if (effects[index]?.verdict === 'there' || !mayHaveBeenDone(statement)) return [];
    return [
      `${config.file}:${statement.line}: other statements of this file have been done already, by somebody else, and of this ` +
        'one nobody can know: put what is not done yet into a file of its own',
    ];
  });
}

function hint(tools: readonly string[]): readonly string[] {
  return tools.length === 0
    ? []
    : [`${tools.join(', ')} may have done it: it keeps its migrations in this database, too`];
}
