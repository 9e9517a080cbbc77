import { isIP } from 'node:net';
import type { Command } from 'commander';
import pc from 'picocolors';
import { directDatabaseUrl } from '../bounded/direct-database.ts';
import { withDatabase, type DatabaseOptions } from '../control.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { numberOption } from '../number-option.ts';
import type { Output } from '../output.ts';
import { readKeysFile } from '../relay/relay-keys-file.ts';
import { serveRelay } from '../relay/serve-relay.ts';
import { stopOnSignals } from '../stop-on-signals.ts';

export const relayCommand: CrossfadeCommand<RelayCommandOptions> = {
  name: 'relay',
  about: 'Serve flags over HTTP, for pages, other languages and other networks',
  needsDatabase: true,
  declare,
  execute,
};

interface RelayCommandOptions extends DatabaseOptions {
  readonly keys: string;
  readonly host: string;
  readonly port: number;
  readonly backup?: string;
}

const port = numberOption('--port', { minimum: 0, maximum: 65_535, whole: true });

function declare(command: Command): void {
  command
    .requiredOption('--keys <file>', 'JSON with the keys of the applications that may ask')
    .option('--port <number>', 'where it listens; 0 takes any that is free', port, 8_090)
    .option('--host <address>', 'for whom it listens; 0.0.0.0 is everybody', address, '127.0.0.1')
    .option('--backup <file>', 'keep the last flags there, for a start while the database is away')
    .addHelpText(
      'after',
      `
A key is of one application: {"keys": [{"name": "shop", "key": "…", "kind":
"server"}]}. "server" evaluates in its own process, "client" is for browsers and
phones (with "origins", the pages it is for), "operator" is the kill switch.

It needs no controller, and goes on while the database is away. Start as many as
you like. OFREP is at /ofrep/v1, the document for flagd at /flagd/v1/flags.json,
the kill switch at /crossfade/v1/flags/disable; /livez and /readyz need no key.`,
    );
}

function address(text: string): string {
  if (isIP(text) !== 0 || /^[a-z0-9.-]{1,253}$/i.test(text)) return text;
  throw new Refusal(`--host ${text.slice(0, 100)}: expected an address such as 127.0.0.1, or a name`);
}

async function execute(output: Output, options: RelayCommandOptions): Promise<ExitCode> {
  const { keys, isOpenToOthers } = readKeysFile(options.keys);
  if (isOpenToOthers)
    output.warn(`${options.keys} can be read by others on this machine: chmod 600 ${options.keys}`);
  return await withDatabase(options, async (databaseUrl) => {
    const stopping = stopOnSignals(
      (line) => output.line(line),
      'Stopping; whoever listens here comes back, or asks elsewhere.',
    );
    const relay = await serveRelay({
      databaseUrl,
      directUrl: directDatabaseUrl() ?? databaseUrl,
      keys,
      host: options.host,
      port: options.port,
      ...(options.backup !== undefined && { backupFile: options.backup }),
      tell: (line) => output.line(pc.dim(line)),
    });
    output.data({ listening: relay.url });
    output.result(`${pc.green('✔')} Flags at ${relay.url}, for ${keys.map(({ name }) => name).join(', ')}`);
    await untilAborted(stopping.signal);
    await relay.close();
    stopping.release();
    return exitCodes.ok;
  });
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
