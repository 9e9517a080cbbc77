import { parseArgs } from 'node:util';

export interface Options {
  readonly urls: readonly string[];
  readonly credentialsFile: string;
  readonly logFile: string;
  readonly ratePerSecond: number;
  readonly people: number;
  readonly seed: number;
  /** Requests before this are made and checked, and marked `warmup` in the log. */
  readonly warmupSeconds: number;
  /** How long people wait for an answer, over all their tries. */
  readonly patienceSeconds: number;
  /** Undefined: until told to stop. */
  readonly seconds: number | undefined;
}

export const USAGE = `People using Parley.

  node src/main.ts --url URL [--url URL] --credentials FILE.json --log FILE.jsonl
                   [--rate 90] [--people 120] [--seed 1] [--warmup-seconds 0] [--seconds N]
                   [--patience-seconds 15]

  --url              a Parley server; people spread over two, and change to the other when theirs is gone
  --credentials      {"people":[{"id","email","password"}]}, as "parley invite" writes it
  --log              where the client log goes, one JSON object a line
  --rate             requests a second on average
  --patience-seconds how long people wait for an answer, over all their tries
  --seconds          stop after this long; without it, on SIGTERM, SIGINT or the message 'stop'
`;

export class UsageError extends Error {}

export function parseOptions(argv: readonly string[]): Options {
  const { values } = parse(argv);
  const urls = values.url ?? [];
  if (urls.length < 1 || urls.length > 2)
    throw new UsageError(`--url: expected one or two, got ${urls.length}`);
  return {
    urls: urls.map(serverUrl),
    credentialsFile: required('--credentials', values.credentials),
    logFile: required('--log', values.log),
    ratePerSecond: number('--rate', values.rate ?? '90', 0.1, 10_000),
    people: Math.floor(number('--people', values.people ?? '120', 1, 10_000)),
    seed: Math.floor(number('--seed', values.seed ?? '1', 0, 2 ** 32 - 1)),
    warmupSeconds: number('--warmup-seconds', values['warmup-seconds'] ?? '0', 0, 86_400),
    patienceSeconds: number('--patience-seconds', values['patience-seconds'] ?? '15', 0.1, 3_600),
    seconds: values.seconds === undefined ? undefined : number('--seconds', values.seconds, 0.1, 10_000_000),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        url: { type: 'string', multiple: true },
        credentials: { type: 'string' },
        log: { type: 'string' },
        rate: { type: 'string' },
        people: { type: 'string' },
        seed: { type: 'string' },
        'warmup-seconds': { type: 'string' },
        'patience-seconds': { type: 'string' },
        seconds: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function serverUrl(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UsageError(`--url ${text}: expected something like http://127.0.0.1:4000`);
  }
  return url.origin;
}

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`${name}: expected a file name`);
  return value;
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new UsageError(`${name} ${text}: expected a number from ${least} to ${most}`);
  }
  return value;
}
