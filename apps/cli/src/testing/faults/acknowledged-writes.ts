import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import pg from 'pg';
import { z } from 'zod';

/** What somebody was told is stored: everything that can be compared with the row. */
interface MessageState {
  readonly conversationId: string;
  readonly seq: number;
  readonly bodyHash: string;
  readonly deleted: boolean;
}

/** What the people of a trial were promised, as they wrote it down. */
interface Promises {
  /** By the message's id: how it may be found, the way acknowledged last first; and any change whose outcome they do not know. */
  readonly messages: ReadonlyMap<string, readonly MessageState[]>;
  /** Sends that failed in the end: each may be stored once, or not. */
  readonly unansweredSends: number;
}

export interface StoredMessage extends MessageState {
  readonly id: string;
}

export interface Comparison {
  readonly missing: readonly string[];
  readonly changed: readonly string[];
  /** Messages of people that no send explains. */
  readonly surplus: number;
}

const line = z.object({
  kind: z.string(),
  write: z.enum(['send', 'edit', 'delete']).optional(),
  id: z.string().optional(),
  conversationId: z.string().optional(),
  seq: z.number().optional(),
  bodyHash: z.string().optional(),
  action: z.string().optional(),
  ok: z.boolean().optional(),
});

/** @throws Error when the log was not brought to its end: then nobody knows what else was promised. */
export async function readPromises(logFile: string): Promise<Promises> {
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
  return promisesOf(
    lines.map((text) => JSON.parse(text) as unknown),
    logFile,
  );
}

export function promisesOf(lines: readonly unknown[], where: string): Promises {
  const messages = new Map<string, readonly MessageState[]>();
  let unansweredSends = 0;
  let isWhole = false;
  for (const [index, value] of lines.entries()) {
    const { kind, write, id, conversationId, seq, bodyHash, action, ok } = line.parse(value);
    if (kind === 'end') isWhole = true;
    if (kind === 'request' && action === 'send' && ok === false) unansweredSends += 1;
    if (kind !== 'ack' && kind !== 'uncertain') continue;
    if (id === undefined || bodyHash === undefined || conversationId === undefined)
      throw new Error(`${where}, line ${index + 1}: expected id, conversationId and bodyHash`);
    const before = messages.get(id) ?? [];
    const place = seq ?? before[0]?.seq;
    if (place === undefined)
      throw new Error(`${where}, line ${index + 1}: message ${id} was changed before it was acknowledged`);
    const state = { conversationId, seq: place, bodyHash, deleted: write === 'delete' };
    messages.set(id, kind === 'ack' ? [state] : [...before, state]);
  }
  if (!isWhole) throw new Error(`${where} has no line "end": the people did not finish their work`);
  return { messages, unansweredSends };
}

/** Whether each promise was kept, once, to the letter. */
export function compareWrites(
  { messages, unansweredSends }: Promises,
  stored: readonly StoredMessage[],
): Comparison {
  const rows = new Map(stored.map((row) => [row.id, row]));
  const promised = [...messages];
  const unpromised = stored.filter(({ id }) => !messages.has(id)).length;
  return {
    missing: promised.flatMap(([id]) => (rows.has(id) ? [] : [id])),
    changed: promised.flatMap(([id, states]) => {
      const row = rows.get(id);
      return row === undefined || states.some((state) => isSame(state, row)) ? [] : [id];
    }),
    surplus: Math.max(0, unpromised - unansweredSends) + stored.length - rows.size,
  };
}

function isSame(one: MessageState, other: MessageState): boolean {
  return (
    one.conversationId === other.conversationId &&
    one.seq === other.seq &&
    one.bodyHash === other.bodyHash &&
    one.deleted === other.deleted
  );
}

/** Everything that people have written, straight from the table: no cache and no index of Parley's stands between. */
export async function readStored(client: pg.Pool): Promise<readonly StoredMessage[]> {
  const { rows } = await client.query<{
    id: string;
    conversation_id: string;
    seq: string;
    body: string;
    deleted: boolean;
  }>(
    `select id, conversation_id, seq, body, deleted_at is not null as deleted
       from public.messages where client_id is not null`,
  );
  return rows.map(({ id, conversation_id: conversationId, seq, body, deleted }) => ({
    id,
    conversationId,
    seq: Number(seq),
    bodyHash: createHash('sha256').update(body, 'utf8').digest('hex'),
    deleted,
  }));
}
