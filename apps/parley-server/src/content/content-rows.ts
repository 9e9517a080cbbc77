/** A person as content brings them along: without a password, so nobody can log in as them until invited. */
export type PersonRow = {
  id: string;
  name: string;
  /** What we would like. Where somebody else has it, `spareEmail` is taken, which holds the person's own key. */
  email: string;
  spareEmail: string;
};

export type ConversationRow = {
  id: string;
  kind: 'channel' | 'direct';
  title: string;
  topic: string;
  createdBy: string | null;
  /** Seconds since 1970, with fractions. */
  createdAtSeconds: number;
  memberIds: Iterable<string>;
};

export type MessageRow = {
  id: string;
  /** Names the message at its source; a message is stored once under it. */
  externalId: string;
  /** The `externalId` of the message that begins the thread. */
  threadExternalId: string | null;
  senderId: string;
  body: string;
  createdAtSeconds: number;
  editedAtSeconds: number | null;
};

/** Splits rows into statements: large enough to be quick, small enough that a live conversation's lock is short. */
export function* chunksOf<Row>(rows: Iterable<Row>, size: number): Generator<Row[]> {
  let chunk: Row[] = [];
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
