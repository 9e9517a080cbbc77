import './small-heap.ts';
import { UsageError, parseOptions, USAGE } from './options.ts';
import { run } from './run.ts';

const stop = new AbortController();

/** The first request to stop ends the run in order, the second one at once. */
function onStop(): void {
  if (stop.signal.aborted) process.exit(1);
  stop.abort();
}

function isStop(message: unknown): boolean {
  if (message === 'stop') return true;
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'stop';
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  process.on('SIGTERM', onStop);
  process.on('SIGINT', onStop);
  process.on('message', (message: unknown) => {
    if (isStop(message)) onStop();
  });
  // Whoever started us is gone, and with them probably the servers: nobody is left to read what we would find.
  const onOrphaned = (): void => {
    process.stderr.write('parley-load: the process that started this one is gone; ending\n');
    process.exit(1);
  };
  process.on('disconnect', onOrphaned);
  await run(options, stop.signal);
  process.off('disconnect', onOrphaned);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`parley-load: ${reason}\n${error instanceof UsageError ? `\n${USAGE}` : ''}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
