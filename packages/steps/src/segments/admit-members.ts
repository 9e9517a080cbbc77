import type { ControlStore, TargetConnection } from '@crossfade/engine';
import type { Segment } from '@crossfade/plan';
import { findMembers } from './find-members.ts';

interface Admission {
  readonly id: string;
  readonly segment: Pick<Segment, 'sql' | 'maxCost'>;
  readonly withConnection: <T>(work: (connection: TargetConnection) => Promise<T>) => Promise<T>;
  readonly store: Pick<ControlStore, 'addSegmentMembers'>;
  readonly token: number;
}

export interface Admitted {
  readonly segment: string;
  /** Whom the segment's SQL finds now. */
  readonly found: number;
  /** Those and everybody who was in before. */
  readonly size: number;
}

/**
 * Lets the people of a segment in, as its SQL finds them now. Who was let in before stays in.
 * @throws {TooCostlyError} when Postgres expects the SQL to cost more than the segment may.
 * @throws {TerminalError} for SQL that cannot be run, or returns anything but user ids.
 */
export async function admitMembers(admission: Admission): Promise<Admitted> {
  const { id, segment, withConnection, store, token } = admission;
  const { keys } = await withConnection(async (connection) => await findMembers(connection, id, segment));
  return { segment: id, found: keys.size, size: await store.addSegmentMembers(id, [...keys], token) };
}
