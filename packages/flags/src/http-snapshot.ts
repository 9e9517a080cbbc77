import type { FlagSnapshot } from './flag-source.ts';
import { membersHeader, membersTag } from './members-tag.ts';
import { relayAddress } from './relay-address.ts';

export interface ReadSnapshot {
  readonly tag: string | null;
  /** null where nothing was ever published. */
  readonly snapshot: FlagSnapshot | null;
}

const timeoutMs = 10_000;

/**
 * What a relay knows now; `known` itself where that is still the same.
 * @throws {Error} with the address and what was found there, when no snapshot comes within ten seconds.
 */
export async function readSnapshot(
  { url, key }: { readonly url: string; readonly key: string },
  known: ReadSnapshot | undefined,
  stop: AbortSignal,
): Promise<ReadSnapshot> {
  const address = relayAddress(url, '/crossfade/v1/snapshot');
  const headers: Record<string, string> = { authorization: `Bearer ${key}` };
  if (typeof known?.tag === 'string') headers['if-none-match'] = known.tag;
  const members = known?.snapshot?.segments;
  if (members !== undefined) headers[membersHeader] = encodeURIComponent(membersTag(members));
  const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await fetch(address, { headers, signal });
    if (response.status === 304 && known !== undefined) return known;
    if (response.status !== 200) throw new Error(await refusalOf(response));
    return { tag: response.headers.get('etag'), snapshot: snapshotOf(await response.json(), members) };
  } catch (error) {
    throw new Error(`${address}: ${wordsOf(error)}`, { cause: error });
  }
}

async function refusalOf(response: Response): Promise<string> {
  const words = (await response.text()).slice(0, 300);
  return `expected a snapshot of flags, got status ${response.status}${words === '' ? '' : `: ${words}`}`;
}

/** fetch only says that it failed; why is in its cause. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function snapshotOf(found: unknown, known: FlagSnapshot['segments'] | undefined): FlagSnapshot | null {
  if (found === null) return null;
  const { revision, digest, document, segments } = found as Partial<Record<keyof FlagSnapshot, unknown>>;
  // None where they are those that are known already.
  const lists = segments === null && known !== undefined ? [] : segments;
  const isSound =
    typeof revision === 'number' &&
    typeof digest === 'string' &&
    typeof document === 'string' &&
    Array.isArray(lists);
  if (!isSound) {
    throw new Error(`expected a snapshot of flags, found ${JSON.stringify(found).slice(0, 100)}`);
  }
  if (segments === null && known !== undefined) return { revision, digest, document, segments: known };
  return {
    revision,
    digest,
    document,
    segments: new Map(lists.map((segment: unknown) => membersOf(segment))),
  };
}

function membersOf(segment: unknown): [string, Set<string>] {
  const [name, keys] = Array.isArray(segment) ? (segment as readonly unknown[]) : [];
  const isSound =
    typeof name === 'string' && Array.isArray(keys) && keys.every((one) => typeof one === 'string');
  if (!isSound) {
    throw new Error(`expected a segment and its members, found ${JSON.stringify(segment).slice(0, 100)}`);
  }
  return [name, new Set(keys)];
}
