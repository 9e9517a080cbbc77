#!/usr/bin/env node
// Plain JavaScript on purpose: it must start on the machine's own Node, however old, to find the one that runs the rest.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const wantedMajor = 24;
const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, '..', 'src', 'main.ts');

/** The Node that npm installed beside us, looked for from here upwards. */
function installedNode() {
  for (let folder = here; ; folder = dirname(folder)) {
    const candidate = join(
      folder,
      'node_modules',
      'node',
      'bin',
      process.platform === 'win32' ? 'node.exe' : 'node',
    );
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

if (Number(process.versions.node.split('.')[0]) >= wantedMajor) {
  await import(pathToFileURL(main).href);
} else {
  const node = installedNode();
  if (node) runWith(node);
  else {
    console.error(
      `crossfade needs Node ${wantedMajor}: this is Node ${process.versions.node}, and the copy that "npm ci" installs in ` +
        `node_modules/node is missing. npm 12 installs it only when install scripts of "node" are allowed ` +
        `(package.json says so: run "npm ci" again), or install Node ${wantedMajor} yourself.`,
    );
    process.exitCode = 2;
  }
}

function runWith(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`crossfade could not start ${node}: ${error.message}`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
