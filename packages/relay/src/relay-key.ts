import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What an application shows to be answered. */
export interface RelayKey {
  /** Of the application; in logs, and in the address of its stream. */
  readonly name: string;
  /** At least twenty letters of printable ASCII, none of them blank. */
  readonly key: string;
  /**
   * "server" may read the document and who is in which segment; "client" is for browsers and phones, where anybody can read
   * the key: it may only ask what somebody's flags are. "operator" may switch flags off, and on again, and nothing else.
   */
  readonly kind: 'server' | 'client' | 'operator';
  /** Pages that may use the key from a browser, as "https://chat.example.org"; others are refused. */
  readonly origins?: readonly string[];
  /** How much is answered: for a client key, to each address; for a server key, in all. */
  readonly requestsPerMinute?: number;
}

/** Keys that were found sound. */
export interface KeyRing {
  readonly origins: ReadonlySet<string>;
  find(secret: string): RelayKey | undefined;
  /** Allows listening for changes, and nothing else, so that it may stand in an address; the same in every process. */
  streamTokenOf(key: RelayKey): string;
  findByStreamToken(token: string): RelayKey | undefined;
}

/** @throws {Error} with everything that is wrong with the keys, one line each. */
export function keyRing(keys: readonly RelayKey[]): KeyRing {
  const problems = keyProblems(keys);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const bySecret = new Map(keys.map((key) => [sha256(key.key), key]));
  const byName = new Map(keys.map((key) => [key.name, key]));
  return {
    origins: new Set(keys.flatMap(({ origins = [] }) => origins)),
    // By digest, so that how long it takes tells nothing about how much of a key was right.
    find: (secret) => bySecret.get(sha256(secret)),
    streamTokenOf: (key) => `${key.name}.${tokenDigest(key)}`,
    findByStreamToken(token) {
      const at = token.lastIndexOf('.');
      const key = byName.get(token.slice(0, at));
      if (key === undefined) return undefined;
      const [given, expected] = [Buffer.from(token.slice(at + 1)), Buffer.from(tokenDigest(key))];
      return given.length === expected.length && timingSafeEqual(given, expected) ? key : undefined;
    },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function tokenDigest({ key, name }: RelayKey): string {
  return createHmac('sha256', key).update(`stream of ${name}`).digest('base64url');
}

/** All that is wrong with keys, one sentence each; never with a key in it. */
export function keyProblems(keys: readonly RelayKey[]): string[] {
  if (keys.length === 0) return ['expected at least one key, found none: nobody could be answered'];
  const problems = keys.flatMap(problemsOfKey);
  const repeated = (what: 'name' | 'key'): RelayKey[] =>
    keys.filter((key, at) => keys.findIndex((other) => other[what] === key[what]) < at);
  for (const { name } of repeated('name'))
    problems.push(`name ${JSON.stringify(name)}: expected once, found again`);
  for (const { name } of repeated('key'))
    problems.push(`key of ${JSON.stringify(name)}: another name has the same`);
  return problems;
}

function problemsOfKey({ name, key, kind, origins = [], requestsPerMinute = 1 }: RelayKey): string[] {
  const place = `key of ${JSON.stringify(name)}`;
  const problems: string[] = [];
  if (!/^[\w-]{1,64}$/.test(name)) {
    problems.push(`name ${JSON.stringify(name)}: expected up to 64 letters, digits, "_" or "-"`);
  }
  // Never the value itself: it would stand in a log.
  if (!/^[\x21-\x7e]{20,200}$/.test(key)) {
    problems.push(`${place}: expected 20 to 200 letters of printable ASCII, without blanks`);
  }
  if (!['server', 'client', 'operator'].includes(kind)) {
    problems.push(`${place}: kind ${JSON.stringify(kind)}: expected "server", "client" or "operator"`);
  }
  if (!(Number.isInteger(requestsPerMinute) && requestsPerMinute > 0)) {
    problems.push(`${place}: requestsPerMinute ${requestsPerMinute}: expected a whole number above 0`);
  }
  return [...problems, ...origins.flatMap((origin) => originProblems(place, origin))];
}

function originProblems(place: string, origin: string): string[] {
  const parsed = URL.canParse(origin) ? new URL(origin).origin : undefined;
  if (parsed === origin) return [];
  const expected = parsed === undefined || parsed === 'null' ? 'https://chat.example.org' : parsed;
  return [`${place}: origin ${JSON.stringify(origin)}: expected an address like ${JSON.stringify(expected)}`];
}
