import { clockFaults } from './clocks.ts';
import { diskFull } from './disk-full.ts';
import type { Fault } from './fault.ts';
import { controllerKilled, controllerKilledInBackfill } from './kill-controller.ts';
import { importFaults } from './kill-importer.ts';
import { controllerKilledInRollback } from './kill-in-roll-back.ts';
import { parleyKilled } from './kill-parley.ts';
import { postmasterKilled } from './kill-postgres.ts';
import { networkFaults } from './network.ts';
import { controllerPaused, twoControllers, writeArrivesLate } from './several-controllers.ts';
import { backendsTerminated } from './terminate-backends.ts';

/** Every accident that we know how to stage. */
export const faults: readonly Fault[] = [
  controllerKilled,
  controllerKilledInBackfill,
  controllerKilledInRollback,
  ...importFaults,
  parleyKilled,
  postmasterKilled,
  diskFull,
  backendsTerminated,
  ...networkFaults,
  controllerPaused,
  writeArrivesLate,
  twoControllers,
  ...clockFaults,
];

/** @throws Error that names the faults there are. */
export function faultNamed(name: string): Fault {
  const found = faults.find((fault) => fault.name === name);
  if (!found)
    throw new Error(`there is no fault ${name}; there are ${faults.map((fault) => fault.name).join(', ')}`);
  return found;
}
