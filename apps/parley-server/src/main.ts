import './small-heap.ts';
import { errorLine } from './commands/error-line.ts';

type Command = { run(argv: string[]): Promise<void> };

/** Each is loaded only when asked for: a server needs no zip reader. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  install: async () => await import('./commands/install-command.ts'),
  serve: async () => await import('./commands/serve-command.ts'),
  sample: async () => await import('./content/sample-command.ts'),
  import: async () => await import('./content/import-command.ts'),
  invite: async () => await import('./commands/invite-command.ts'),
  remove: async () => await import('./commands/remove-command.ts'),
  notice: async () => await import('./commands/notice-command.ts'),
};

const USAGE = `Usage: node apps/parley-server/src/main.ts COMMAND, with DATABASE_URL set
       (and DATABASE_DIRECT_URL, the server itself, where that leads through a pooler)

  install                                       create Parley's tables (any number of times)
  serve   --port N --host 127.0.0.1 [--flag-backup FILE] [--trust-proxy ADDRESS,NETWORK/BITS]
          [--web DIR] [--workspace NAME] [--sign-up open|closed]
                                                serve until SIGTERM or SIGINT
  sample  --messages 60000 --people 400 --seed 7
                                                fill in a workspace of our own writing
  import  FILE.zip                              take over a Slack export
  invite  --count 120 --output FILE.json        give the most active people passwords
  remove  EMAIL|ID                              take somebody out; what they wrote stays, by a former member
  notice  add --title TEXT [--text TEXT] [--kind info|work|trouble] [--until TIME] [--progress 0.5]
          progress ID 0.75 | end ID             what everybody is told above what they write
`;

const [name = '', ...argv] = process.argv.slice(2);
const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (load === undefined) {
  process.stderr.write(name === '' ? USAGE : `parley: there is no command "${name}"\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  try {
    const command = await load();
    await command.run(argv);
  } catch (error) {
    process.stderr.write(`parley ${name}: ${errorLine(error)}\n`);
    process.exitCode = 1;
  }
}
