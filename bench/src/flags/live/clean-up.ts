import { constants } from 'node:os';

type Undo = () => unknown;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does the work, and afterwards what it has left to be done `later`, the last first: also when it fails, and when this process
 * is told to end, which it then does.
 */
export async function cleaningUp<T>(work: (later: (undo: Undo) => void) => Promise<T>): Promise<T> {
  const undos: Undo[] = [];
  let interrupted: Promise<never> | undefined;
  const onSignal = (signal: (typeof signals)[number]): void => {
    interrupted ??= undoAll(undos).then(() => process.exit(128 + constants.signals[signal]));
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work((undo) => undos.push(undo));
  } finally {
    // What becomes of work whose ground is being taken away is of no interest.
    await (interrupted ?? undoAll(undos));
    for (const signal of signals) process.off(signal, onSignal);
  }
}

/** What cannot be undone keeps nothing else from being so. */
async function undoAll(undos: Undo[]): Promise<void> {
  for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
    try {
      await undo();
    } catch (error) {
      process.stderr.write(`cleaning up: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}
