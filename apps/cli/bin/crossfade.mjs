#!/usr/bin/env node
// Plain JavaScript on purpose: it must start on the machine's own Node, however old, to find the one that runs the rest.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import * as module from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const wantedMajor = 24;
const refused = 2;
const launcher = realpathSync(fileURLToPath(import.meta.url));
const here = dirname(launcher);
const main = join(here, '..', 'src', 'main.ts');

/** What lies in a node_modules beside us, looked for from here upwards. */
function installed(...path) {
  for (let folder = here; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', ...path);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

const libraries = installed('commander');
if (libraries) rememberCompiledCode(join(dirname(libraries), '.cache', 'crossfade'));

if (!libraries) {
  refuse(`crossfade is not installed yet: run "npm ci" in ${join(here, '..', '..', '..')} first.`);
} else if (Number(process.versions.node.split('.')[0]) >= wantedMajor) {
  await import(pathToFileURL(main).href);
} else {
  const node = installed('node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (node) runWith(node);
  else {
    refuse(
      `crossfade needs Node ${wantedMajor}: this is Node ${process.versions.node}, and the copy that "npm ci" installs in ` +
        `node_modules/node is missing. npm 12 installs it only when install scripts of "node" are allowed ` +
        `(package.json says so: run "npm ci" again, without --ignore-scripts), or install Node ${wantedMajor} yourself.`,
    );
  }
}

/** Halves what a start costs, ours and that of every process of ours. A folder that cannot be written is no matter. */
function rememberCompiledCode(folder) {
  process.env.NODE_COMPILE_CACHE ||= folder;
  module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
}

function runWith(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    // "crossfade doctor" names both.
    env: { ...process.env, CROSSFADE_OUTER_NODE: process.version },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    refuse(
      `crossfade could not start ${node}: ${error.message}. It was installed for another machine, or its disk does not ` +
        `allow programs: run "npm ci" here.`,
    );
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

function refuse(reason) {
  console.error(`✘ ${reason}`);
  process.exitCode = refused;
}
