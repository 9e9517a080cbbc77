// First: it settles whether there are colours, before anything that prints them is loaded.
import './colour-choice.ts';
import { createCommandLine } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';

const commandLine = createCommandLine(process.argv.slice(2));

// Whoever read our output has gone, as in "crossfade report | head": nobody is there to be told more. Of a terminal that is
// gone whoever must not go on without it hears by SIGHUP.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EIO') return;
    if (error.code !== 'EPIPE') throw error;
    process.exit(exitCodes.interrupted);
  });
}

// What nobody caught leaves us in a state that nobody thought of: said as any other error, and the end.
process.on('uncaughtException', (error) => process.exit(commandLine.explain(error)));
process.on('unhandledRejection', (error) => process.exit(commandLine.explain(error)));

await commandLine.run();
