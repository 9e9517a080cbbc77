import { statfs } from 'node:fs/promises';
import { existingPlace } from '../reachable-place.ts';

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Of what others on the machine live on. */
const RESERVE_BYTES = 128 * 1024 * 1024;

/** There is too little free disk for what was to be made; nothing was. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

/** @throws NoRoomError that names both figures and the folder. */
export async function assertRoom(place: string, neededBytes: number): Promise<void> {
  const { bsize, bavail } = await statfs(place);
  const freeBytes = bsize * bavail;
  if (freeBytes >= neededBytes) return;
  throw new NoRoomError(
    `too little free disk: about ${formatBytes(neededBytes)} are needed, and ${formatBytes(freeBytes)} are free in ${place}`,
  );
}

/** @throws NoRoomError when the disk on which an embedded Postgres of this folder lies is nearly full, before it is. */
export async function assertNotFull(directory: string): Promise<void> {
  await assertRoom((await existingPlace(directory)) ?? directory, RESERVE_BYTES);
}

/** "214 MB", "1.2 GB": as Postgres writes them, by 1,024. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
