import { TerminalError } from '@crossfade/engine';
import { quoteText } from '../../sql/quote-name.ts';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import type { SchemaWork, Task } from '../schema-work.ts';
import { AppliedFiles, digestOfStatements, type AppliedFile } from './applied-files.ts';
import { compareDone } from './compare-done.ts';
import { findMade } from './find-made.ts';
import { describeObject, madeBy } from './made-objects.ts';

/**
 * Whether another run has applied this very file and left it. What it made is then looked for: somebody may have taken it
 * away since, by other means than ours.
 * @throws TerminalError for a file that was changed since, or what it made was, or of which only a part is still there.
 */
export async function recogniseFile(
  work: SchemaWork,
  tasks: readonly Task[],
): Promise<AppliedFile | undefined> {
  const { file } = work.config;
  // What is written down in no file has no name that would be its own.
  if (work.context.files[file] === undefined) return undefined;
  const connection = eachInTransaction(work.connection);
  const files = new AppliedFiles(connection, work.context);
  const earlier = await files.byAnotherRun(file);
  if (!earlier) return undefined;
  const statements = tasks.map(({ statement }) => statement);
  const digest = digestOfStatements(statements);
  if (earlier.digest !== digest) throw changed(file, earlier, digest);
  const made = madeBy(statements);
  const there = await findMade(connection, made);
  const missing = made.filter((_, index) => there[index] !== true);
  const applied = `${file}: run ${earlier.runId} applied it at ${earlier.appliedAt}, and since then`;
  if (missing.length > 0 && missing.length < made.length) {
    throw new TerminalError(
      `${applied} a part of it was taken away (${missing.map(describeObject).join(', ')}): ` +
        'expected all of it to be there, or nothing',
    );
  }
  if (missing.length === 0) {
    const { differences, isAllGone } = await compareDone(work, statements);
    if (differences.length === 0) return earlier;
    if (!isAllGone)
      throw new TerminalError(`${applied} something else has changed it: ${differences.join('; ')}`);
  }
  await files.forgetOthers(file);
  return undefined;
}

function changed(file: string, { runId, digest, appliedAt }: AppliedFile, now: string): TerminalError {
  return new TerminalError(
    `${file} was changed after it was applied: run ${runId} applied ${digest.slice(0, 12)} at ${appliedAt} and did not take ` +
      `it back, the file is ${now.slice(0, 12)} now. Put it back as it was and write what is new into another file; or, if ` +
      `what it did is gone: delete from crossfade_ledger.files where run_id = ${quoteText(runId)} and file = ${quoteText(file)}`,
  );
}
