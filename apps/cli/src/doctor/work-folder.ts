import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { workFolder } from '../session.ts';
import { ok, problem, warning, type Seen } from './finding.ts';

const mebibyte = 1024 * 1024;
/** A new cluster, its log and 60,000 messages take about 250 MB. */
const demonstrationMb = 400;
const littleMb = 50;

/** Whether we can write where logs, reports and the embedded database go, and for how long. */
export function lookAtWorkFolder(hasOwnDatabase: boolean): Seen[] {
  const folder = resolve(workFolder);
  const present = existingPart(folder);
  const obstacle = writeObstacle(folder, present);
  if (obstacle !== undefined) {
    const todo = 'run as its owner, or set CROSSFADE_FOLDER to a folder that you may write to';
    return [problem(`cannot write to ${present}: ${obstacle}`, todo)];
  }
  const { bavail, bsize } = statfsSync(present);
  const freeMb = Math.round((bavail * bsize) / mebibyte);
  const what = `${folder} can be written to; ${freeMb} MB are free`;
  const neededMb = hasOwnDatabase ? littleMb * 2 : demonstrationMb;
  if (freeMb >= neededMb) return [ok(what)];
  const todo = `make room (${neededMb} MB), or set CROSSFADE_FOLDER to a folder on another disk`;
  return [freeMb < littleMb ? problem(what, todo) : warning(what, todo)];
}

/** The folder itself, or what it would be made in. */
function existingPart(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existingPart(dirname(folder));
}

/** Tried where the folder is ours anyway: root may write by its mode, and not on a disk that is read-only or full. */
function writeObstacle(folder: string, present: string): string | undefined {
  try {
    accessSync(present, constants.W_OK);
    if (folder === present) rmSync(mkdtempSync(join(folder, 'doctor-')), { recursive: true });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
