import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { PlanFiles } from '@crossfade/engine';
import { Refusal } from './exit-codes.ts';

/** What belongs to a plan beside plan.yaml. Other files in its folder (a README, say) are not part of it. */
const parts = ['sql', 'messages', 'transforms'];
const fileSizeLimitBytes = 1_048_576;
const fileCountLimit = 1_000;

export interface PlanFolder {
  readonly path: string;
  readonly files: PlanFiles;
}

/**
 * Reads a plan: a folder with a plan.yaml, or the path of the plan.yaml itself.
 * @throws Refusal that names the path, when there is no plan or it is larger than a plan can be.
 */
export function readPlanFolder(path: string): PlanFolder {
  const folder = basename(path).endsWith('.yaml') || basename(path).endsWith('.yml') ? dirname(path) : path;
  const main = folder === path ? join(folder, 'plan.yaml') : path;
  if (!existsSync(main)) {
    throw new Refusal(
      `no plan at ${main}: give the folder that holds a plan.yaml, or make one with "crossfade init"`,
    );
  }
  const files: Record<string, string> = { 'plan.yaml': readBounded(main) };
  for (const part of parts) {
    if (!existsSync(join(folder, part))) continue;
    for (const entry of readdirSync(join(folder, part), { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const inFolder = join(entry.parentPath, entry.name);
      files[relative(folder, inFolder).replaceAll('\\', '/')] = readBounded(inFolder);
      if (Object.keys(files).length > fileCountLimit) {
        throw new Refusal(`${folder} holds more than ${fileCountLimit} files: a plan has at most that many`);
      }
    }
  }
  return { path: folder, files };
}

function readBounded(path: string): string {
  const { size } = statSync(path);
  if (size > fileSizeLimitBytes) {
    throw new Refusal(`${path} has ${size} bytes: a file of a plan has at most ${fileSizeLimitBytes}`);
  }
  return readFileSync(path, 'utf8');
}
