import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import { createPostgresStore } from '@crossfade/store';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { doctorCommand } from '../commands/doctor.ts';
import { startRun } from '../start-run.ts';
import { starterPlan } from '../starter-plan.ts';
import { captured } from '../testing/captured-output.ts';
import { examine } from './examine.ts';
import { ok, perform, type Finding } from './finding.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-doctor-${process.pid}`;
  return process.env['CROSSFADE_FOLDER'];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Not those of the machine, which is another one each time, nor that the tests' server does without safety. */
const troubles = (findings: readonly Finding[]): string[] =>
  findings
    .filter(({ area, level }) => area !== 'machine' && (level === 'problem' || level === 'warning'))
    .filter(({ what }) => !/^(fsync|full_page_writes) is off|connections are free/.test(what))
    .map(({ level, what, todo }) => `${level}: ${what} → ${todo}`);

describe('a check', () => {
  const check = { area: 'machine', topic: 'disk' } as const;

  it('that throws or never ends is a problem, and the others go on', async () => {
    const failing = await perform({ ...check, look: () => Promise.reject(new Error('it is gone')) }, 5_000);
    expect(failing).toMatchObject([{ level: 'problem', topic: 'disk', what: 'it is gone' }]);
    const hanging = await perform({ ...check, look: () => new Promise(() => {}) }, 20);
    expect(hanging).toMatchObject([{ level: 'problem', what: 'no answer within 0.02 s' }]);
    expect(await perform({ ...check, look: () => [ok('fine')] }, 5_000)).toMatchObject([{ level: 'ok' }]);
  });
});

describe('crossfade doctor', () => {
  let database: TestDatabase;
  let client: Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it('finds nothing wrong with a new database, and leaves it as it is', async () => {
    const findings = await examine(database.url, []);
    expect(troubles(findings)).toEqual([]);
    expect(findings.map(({ area, what }) => `${area}: ${what}`)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^machine: Node v\d+/),
        expect.stringMatching(/^machine: the embedded Postgres can be started/),
        expect.stringMatching(/^machine: .* can be written to; \d+ MB are free/),
        expect.stringMatching(/^database: .* is Postgres \d+/),
        'run: no plan has been run on this database yet',
      ]),
    );
    const { rows } = await client.query(`select 1 from pg_namespace where nspname like 'crossfade%'`);
    expect(rows).toEqual([]);
  });

  it('names what gets in the way of a plan, with the words that mend it', async () => {
    await client.query('create table twice as select 1 as n union all select 1');
    await client.query('create unique index concurrently twice_n on twice (n)').catch(() => undefined);
    const name = new URL(database.url).pathname.slice(1);
    await client.query(`alter database ${name} set default_transaction_read_only = on`);
    const found = troubles(await examine(database.url, []));
    await client.query(`alter database ${name} reset default_transaction_read_only`);
    await client.query('drop table twice');
    expect(found).toEqual([
      expect.stringMatching(/^problem: transactions are read-only by default → /),
      'warning: the index public.twice_n is invalid → drop index concurrently public.twice_n; then build it again',
    ]);
  });

  it('says which right a role lacks, and how it is mended with or without it', async () => {
    const role = `migrator_${process.pid}`;
    const name = new URL(database.url).pathname.slice(1);
    await client.query(`create role ${role} login password 'secret'`);
    const url = Object.assign(new URL(database.directUrl), { username: role, password: 'secret' }).href;
    const schemas = ['crossfade', 'crossfade_ledger'];
    const made = schemas.map((schema) => `create schema ${schema} authorization ${role}`).join('; ');
    try {
      expect(troubles(await examine(url, []))).toEqual([
        `problem: role ${role} may not make what Crossfade keeps its journal and its ledger in: schema crossfade, schema crossfade_ledger ` +
          `→ grant create on database ${name} to ${role}; or have it made by somebody who may: ${made}`,
      ]);
      await client.query(made);
      await (await createPostgresStore({ connectionString: url })).close();
      expect(troubles(await examine(url, []))).toEqual([
        `warning: role ${role} may not create schemas here: what another tool has made already cannot be compared with the plan ` +
          `→ grant create on database ${name} to ${role}`,
      ]);
    } finally {
      await client.query(`drop owned by ${role} cascade; drop role ${role}`);
    }
  });

  it('tells of a run that nobody leads, of flags that were tampered with, and of a silent application', async () => {
    const { bound } = checkPlan(starterPlan);
    if (!bound) throw new Error('the starter plan is not valid');
    const store = await createPostgresStore({ connectionString: database.url });
    await startRun(store, bound, 1);
    await store.close();
    const application = createHttpServer((_request, response) => void response.end('{}'));
    application.listen(0, '127.0.0.1');
    await once(application, 'listening');
    const serves = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
    const silent = 'http://127.0.0.1:1';
    try {
      const findings = await examine(database.url, [serves, silent]);
      expect(troubles(findings)).toEqual([
        expect.stringMatching(/^problem: nobody leads it → .*crossfade run/),
        expect.stringMatching(/^problem: http:\/\/127.0.0.1:1 does not answer: /),
      ]);
      expect(findings.map(({ what }) => what)).toContain(`${serves}/readyz answers 200`);

      await client.query(
        `insert into crossfade.flag_documents (revision, digest, document) values (99, 'x', '{}')`,
      );
      expect(troubles(await examine(database.url, []))).toEqual([
        expect.stringMatching(/^problem: nobody leads it/),
        expect.stringMatching(/^problem: flags of revision 99 are published, the journal has revision \d/),
      ]);
      await client.query(`alter table crossfade.journal disable trigger user`);
      await client.query(`update crossfade.journal set hash = repeat('0', 64) where seq = 1`);
      expect(troubles(await examine(database.url, []))).toContainEqual(
        expect.stringMatching(/^problem: .*journal.* entry 1 /),
      );
    } finally {
      application.close();
    }
  });

  it('gives a server that accepts and says nothing up within ten seconds, and ends with 1', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const startMs = performance.now();
    const said = await captured((output) =>
      doctorCommand.execute(output, { database: `postgres://ann:secret@127.0.0.1:${port}/shop` }),
    );
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(said.code).toBe(1);
    expect(said.text).toMatch(
      /postgres:\/\/ann:\*\*\*@127.0.0.1:\d+\/shop cannot be used: it does not answer/,
    );
    expect(said.text).not.toContain('secret');
    expect(said.data).toMatchObject({ ok: false });
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  it('takes no text for a URL that is none', async () => {
    expect(troubles(await examine('shop', []))).toEqual([
      'problem: --database (not a URL) is not the URL of a Postgres → ' +
        'write postgres://user:password@host:port/name; / ? # @ : in a password as %2F %3F %23 %40 %3A',
    ]);
  });
});
