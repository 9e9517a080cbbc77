import type { Statement } from '../../sql/parse-statements.ts';
import { inRolledBack } from '../../target/in-rolled-back.ts';
import { readServerMajor } from '../recipes/read-ground.ts';
import type { SchemaWork } from '../schema-work.ts';
import { compareEffects } from './compare-effects.ts';
import { laterStatements } from './later-statements.ts';

export interface Since {
  /** What is not so any more, or not yet as the statements would leave it, as far as it can be told. */
  readonly differences: readonly string[];
  /** All of them have an effect that can be looked for, and nothing of it is there. */
  readonly isAllGone: boolean;
}

/** What has become of statements that another run has carried out, and whose names are all there. */
export async function compareDone(
  { connection, context, config }: SchemaWork,
  statements: readonly Statement[],
): Promise<Since> {
  const limits = { lockTimeoutMs: config.lock_timeout, statementTimeoutMs: 30_000 };
  const effects = await inRolledBack(connection, limits, async () => {
    const later = async () => laterStatements(context, await readServerMajor(connection), statements);
    return await compareEffects(connection, statements, { later, doneBefore: true });
  });
  const unlike = effects.map((effect) => ('differences' in effect ? effect.differences : []));
  return {
    differences: [...new Set(unlike.flat())],
    isAllGone: effects.every(({ verdict }, index) => verdict === 'absent' && unlike[index]?.length !== 0),
  };
}
