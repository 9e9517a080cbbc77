import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { PlanFiles } from '@crossfade/engine';
import { redactUrl } from '@crossfade/local-postgres';
import { Refusal } from './exit-codes.ts';
import { planFolderLimits } from './plan-folder-limits.ts';
import { readPlanText } from './read-plan-text.ts';

/** What belongs to a plan beside plan.yaml. Other files in its folder (a README, say) are not part of it. */
const parts = ['sql', 'messages', 'transforms'];
const { mostFiles, deepestFolders, largestPlanCharacters } = planFolderLimits;

export interface PlanFolder {
  readonly path: string;
  /** The plan.yaml that was read, which may be called otherwise. */
  readonly mainFile: string;
  readonly files: PlanFiles;
}

/**
 * Reads a plan: a folder with a plan.yaml, or the path of the plan.yaml itself. Files are named by their path in the folder, with
 * slashes on every system; those whose name begins with a dot are an editor's or a system's own, and not part of the plan.
 * @throws Refusal that names the path, when there is no plan, it is larger than a plan can be, or it leads out of its folder.
 */
export function readPlanFolder(path: string): PlanFolder {
  try {
    const { folder, mainFile } = locate(path);
    const files: Record<string, string> = { 'plan.yaml': readPlanText(mainFile) };
    for (const part of parts) addFiles(folder, part, files);
    return { path: folder, mainFile, files };
  } catch (error) {
    if (error instanceof Refusal || !(error instanceof Error && 'code' in error)) throw error;
    const place = 'path' in error && typeof error.path === 'string' ? error.path : path;
    throw new Refusal(`cannot read ${place}: ${reasons[String(error.code)] ?? error.message}`, {
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this account may not read it',
  EPERM: 'this account may not read it',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'it is not there, or a link that leads nowhere',
  ENXIO: 'it is no file',
};

function locate(path: string): { folder: string; mainFile: string } {
  if (path === '') throw new Refusal('"" is no plan: expected the path of a folder that holds a plan.yaml');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    // Where a database was meant, its password is not to be repeated.
    throw new Refusal(`${redactUrl(path)} is no plan: expected the path of a folder that holds a plan.yaml`);
  }
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() && /\.ya?ml$/i.test(path)) return { folder: dirname(path), mainFile: path };
  if (found && !found.isDirectory()) {
    throw new Refusal(`${path} is no plan: expected a folder that holds a plan.yaml, or a file *.yaml`);
  }
  const mainFile = join(path, 'plan.yaml');
  if (!found || !statSync(mainFile, { throwIfNoEntry: false })) {
    throw new Refusal(
      `no plan at ${/\.ya?ml$/i.test(path) ? path : mainFile}: give the folder that holds a plan.yaml, or make one with "crossfade init"`,
    );
  }
  return { folder: path, mainFile };
}

/** Entry by entry: what a folder holds is read only as far as a plan goes. */
function addFiles(folder: string, inFolder: string, files: Record<string, string>): void {
  const path = join(folder, inFolder);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  assertWithin(folder, path);
  if (!statSync(path).isDirectory()) {
    files[inFolder] = readPlanText(path);
    assertBounded(folder, files);
    return;
  }
  if (inFolder.split('/').length > deepestFolders)
    throw new Refusal(`${path} is nested too deeply: expected at most ${deepestFolders} folders`);
  for (const name of readdirSync(path)) {
    if (name.startsWith('.')) continue;
    if (/[\p{Cc}\u{fffd}]/u.test(name))
      throw new Refusal(`${path} holds a file ${JSON.stringify(name)}: expected a name that can be printed`);
    addFiles(folder, `${inFolder}/${name}`, files);
  }
}

/** A link may lead to another file of the folder; not out of it, where the plan does not reach, and not to a folder, in circles. */
function assertWithin(folder: string, path: string): void {
  if (!lstatSync(path).isSymbolicLink()) return;
  const target = realpathSync(path);
  if (!target.startsWith(realpathSync(folder) + sep))
    throw new Refusal(`${path} leads to ${target}: expected a file in the plan's folder`);
  if (!statSync(target).isFile())
    throw new Refusal(`${path} is a link to ${target}: expected a file, or the folder itself`);
}

function assertBounded(folder: string, files: Readonly<Record<string, string>>): void {
  const texts = Object.values(files);
  if (texts.length > mostFiles)
    throw new Refusal(`${folder} holds more than ${mostFiles} files: a plan has at most that many`);
  if (texts.reduce((sum, text) => sum + text.length, 0) > largestPlanCharacters)
    throw new Refusal(
      `the files of ${folder} are too large: a plan has at most ${largestPlanCharacters} characters`,
    );
}
