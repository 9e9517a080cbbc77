import { parseArgs } from 'node:util';
import { Clone } from './machines/clone.ts';
import { machines } from './machines/catalog.ts';
import type { Machine, Result } from './machines/machine.ts';
import { endCommands } from './machines/run-command.ts';
import { heading, row } from './machines/table.ts';

const usage = `npm run machines -- [--quick] [--tests] [--only WORDS]

Installs and runs fresh clones of HEAD on every kind of machine that can be made
here, and prints what came of it. --quick: those that are worth it in every
build (about two minutes); --only: those whose name holds WORDS. --tests: "npm
test" in each of them, too (some six minutes more for each).`;

/** @throws Error, TypeError for options that are not known. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      tests: { type: 'boolean' },
      only: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const chosen = machines.filter(
    ({ name, quick }) => (!values.quick || quick) && name.includes(values.only ?? ''),
  );
  if (chosen.length === 0) throw new Error(`no machine is called like "${values.only}"`);
  console.log(heading);
  let failed = 0;
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted = true;
      endCommands();
    });
  }
  for (const machine of chosen) {
    const result = await tried(machine, values.tests ?? false);
    if (interrupted) return 1; // Its clone is gone already; what it said is of no account.
    if (result.outcome === 'failed') failed += 1;
    console.log(row(result));
  }
  return failed === 0 ? 0 : 1;
}

async function tried(machine: Machine, alsoTests: boolean): Promise<Result> {
  const nothing = { name: machine.name, installMs: null, megabytes: null, readyMs: null, testsMs: null };
  const obstacle = machine.obstacle?.();
  if (obstacle !== undefined) return { ...nothing, outcome: 'not tried', reason: obstacle };
  let known: Omit<Result, 'outcome' | 'reason'> = nothing;
  let clone: Clone | undefined = undefined;
  try {
    clone = await Clone.make(machine);
    known = { ...known, installMs: await clone.install(), megabytes: await clone.megabytes() };
    const { readyMs } = await machine.prove(clone);
    known = { ...known, readyMs };
    // Where nothing can start, no test can.
    if (alsoTests && readyMs !== null) known = { ...known, testsMs: await clone.test() };
    return { ...known, outcome: 'ok', reason: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...known, outcome: 'failed', reason };
  } finally {
    clone?.remove();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`✘ ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
