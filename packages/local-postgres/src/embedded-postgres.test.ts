import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { identify } from './process-identity.ts';
import { withClient } from './with-client.ts';

const asRoot = process.getuid?.() === 0;
let parent: string;
let directory: string;

beforeAll(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'crossfade-embedded-'));
  await chmod(parent, 0o711);
  directory = path.join(parent, '.crossfade/postgres');
});

afterAll(async () => {
  await rm(parent, { recursive: true, force: true });
});

async function ask(url: string, query: string): Promise<unknown> {
  const { rows } = await withClient(
    url,
    async (client) => await client.query<unknown[]>({ text: query, rowMode: 'array' }),
  );
  return rows[0]?.[0];
}

async function gone(...pids: number[]): Promise<void> {
  await vi.waitFor(async () => expect((await Promise.all(pids.map(identify))).filter(Boolean)).toEqual([]), {
    timeout: 15_000,
    interval: 50,
  });
}

function parentOf(pid: number): number {
  return Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
}

describe('the embedded Postgres', () => {
  let password: string;
  let stoppedPid: number;

  test('listens on loopback with a random password, and keeps its directory to itself', async () => {
    const server = await startEmbeddedPostgres({ directory });
    const { username, password: secret, hostname, port } = new URL(server.url);
    expect({ username, hostname, port }).toEqual({
      username: 'postgres',
      hostname: '127.0.0.1',
      port: `${server.port}`,
    });
    expect(secret).toMatch(/^[\w-]{32}$/);
    expect(await readFile(path.join(directory, 'password'), 'utf8')).toBe(`${secret}\n`);
    expect((await stat(path.join(directory, 'password'))).mode & 0o777).toBe(0o600);
    expect(await ask(server.url, 'show listen_addresses')).toBe('127.0.0.1');
    expect(await ask(server.url, 'show unix_socket_directories')).toBe('');
    expect(await ask(server.url, 'show fsync')).toBe('on');
    expect(await ask(server.url, "select upper('größer')")).toBe('GRÖSSER'.replace('SS', 'ß'));
    const wrong = server.url.replace(secret, 'wrong');
    await expect(ask(wrong, 'select 1')).rejects.toThrow('password authentication failed');

    const url = await server.ensureDatabase('parley');
    expect(await server.ensureDatabase('parley')).toBe(url);
    expect(url).toBe(server.databaseUrl('parley'));
    await ask(url, 'create table kept as select 42 as answer');

    await expect(startEmbeddedPostgres({ directory })).rejects.toThrow(
      `The embedded Postgres in ${directory} is in use by this process (${process.pid})`,
    );
    await server.stop();
    await server.stop();
    expect(await identify(server.pid)).toBeUndefined();
    password = secret;
    stoppedPid = server.pid;
  });

  test('ends when its owner is killed; the next run clears what that left and finds its data', async () => {
    // The id in the stale file belongs to a living stranger: Postgres alone would refuse to start.
    await writeFile(path.join(directory, 'data/postmaster.pid'), `${process.pid}\n${directory}/data\n`);
    await writeFile(path.join(directory, 'owner.json'), JSON.stringify({ pid: stoppedPid, startedAt: '1' }));
    await mkdir(path.join(directory, 'making-a1b2c3/data'), { recursive: true });
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', OWNER, ENTRY, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(owner.stdout, 'data');
    const { url, pid } = JSON.parse(String(line));
    const keeper = parentOf(pid);
    expect(await identify(keeper)).toBeDefined();
    expect(new URL(url).password).toBe(password);
    expect(await readdir(directory)).not.toContain('making-a1b2c3');
    await expect(startEmbeddedPostgres({ directory })).rejects.toThrow(`in use by the process ${owner.pid}`);

    owner.kill('SIGKILL');
    await once(owner, 'exit');
    // At once: the old server may still be on its way down.
    const server = await startEmbeddedPostgres({ directory });
    await gone(pid, keeper);
    expect(await ask(server.databaseUrl('parley'), 'select answer from kept')).toBe(42);

    // Somebody kills the keeper: stop() still leaves nothing behind.
    process.kill(parentOf(server.pid), 'SIGKILL');
    await server.stop();
    expect(await identify(server.pid)).toBeUndefined();
  });

  test('that cannot start says so with the words of the server', async () => {
    const starting = startEmbeddedPostgres({ directory, settings: { shared_buffers: 'plenty' } });
    await expect(starting).rejects.toThrow(
      /did not start .*server\.log[^]*invalid value .* "shared_buffers": "plenty"/,
    );
  });

  test('names the port that was asked for and is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(port).toBeDefined();
    await expect(startEmbeddedPostgres({ directory, port: port ?? 0 })).rejects.toThrow(
      new RegExp(`did not start on 127\\.0\\.0\\.1:${port}[^]*Address already in use`),
    );
    other.close();
  });

  test('never touches a folder named data that is not a cluster', async () => {
    const foreign = path.join(parent, 'foreign');
    await mkdir(path.join(foreign, 'data'), { recursive: true });
    await writeFile(path.join(foreign, 'data/thesis.txt'), 'ten years');
    await expect(startEmbeddedPostgres({ directory: foreign })).rejects.toThrow(
      `${foreign}/data is neither empty nor a Postgres cluster`,
    );
    expect(await readFile(path.join(foreign, 'data/thesis.txt'), 'utf8')).toBe('ten years');
  });

  test('puts its files where its account can go when the directory is closed', async ({ skip }) => {
    skip(!asRoot, 'only root can make what this wants');
    const closed = path.join(parent, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const lines: string[] = [];
    const inside = path.join(closed, 'postgres');
    const server = await startEmbeddedPostgres({ directory: inside, log: (line) => lines.push(line) });
    const { place } = JSON.parse(await readFile(path.join(inside, 'place.json'), 'utf8'));
    try {
      expect(await ask(server.url, 'show data_directory')).toBe(path.join(place, 'data'));
      expect(path.dirname(place)).toBe(process.env['TMPDIR'] ?? '/var/tmp');
      expect((await stat(path.join(place, 'data'))).mode & 0o777).toBe(0o700);
      expect(lines.join('\n')).toContain(`The database's files are in ${place}`);
    } finally {
      await server.stop();
    }

    // Somebody removes the folder they know of: the next start does not stumble over the rest.
    await rm(inside, { recursive: true });
    const again = await startEmbeddedPostgres({ directory: inside, log: (line) => lines.push(line) });
    await expect(removeEmbeddedPostgres(inside)).rejects.toThrow('in use by this process');
    await again.stop();
    expect(lines.join('\n')).toContain(`Removing ${place}/data`);
    await removeEmbeddedPostgres(inside);
    await removeEmbeddedPostgres(inside);
    await expect(stat(place)).rejects.toThrow('ENOENT');
    await expect(stat(inside)).rejects.toThrow('ENOENT');
  });
});

const ENTRY = fileURLToPath(new URL('./index.ts', import.meta.url));
const OWNER = `
  const { startEmbeddedPostgres } = await import(process.argv[1]);
  const { url, pid } = await startEmbeddedPostgres({ directory: process.argv[2] });
  console.log(JSON.stringify({ url, pid }));
  setInterval(() => {}, 1000);
`;
