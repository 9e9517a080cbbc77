import type { Target, TargetConnection } from '@crossfade/engine';

export class CutOff extends Error {
  override readonly name = 'CutOff';
}

/**
 * A target whose connection breaks when the n-th statement has done its work on the server, and its answer is lost: what is
 * in a transaction then is rolled back, what was committed stays. Tells whether it came to that.
 */
export function createCutOffTarget(target: Target, at: number): Target & { wasCutOff(): boolean } {
  let statements = 0;
  let broken = false;
  const breakable = (connection: TargetConnection): TargetConnection => ({
    async query(text, parameters) {
      if (broken) throw new CutOff(`the connection is gone: ${text.slice(0, 40)}`);
      // After a BEGIN alone nothing has happened yet: a cut there is the one after the statement before.
      if (!text.startsWith('begin')) statements += 1;
      if (statements < at || text.startsWith('begin')) return await connection.query(text, parameters);
      broken = true;
      await connection.query(text, parameters);
      throw new CutOff(`cut off after statement ${at}`);
    },
  });
  return {
    wasCutOff: () => broken,
    withConnection: async (options, work) =>
      await target.withConnection(options, async (connection) => await work(breakable(connection))),
  };
}
