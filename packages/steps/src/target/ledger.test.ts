import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TargetConnection } from '@crossfade/engine';
import { connectionOf } from '../testing/pg-target.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { ensureLedger } from './ledger.ts';

let database: TestTarget;
let role: string;
let asRole: TargetConnection;
beforeEach(async () => {
  database = await createTestTarget('');
  role = `migrator_${Math.random().toString(36).slice(2, 10)}`;
  await database.connection.query(`create role ${role}`);
  const client = await database.connect('a migration role');
  await client.query(`set role ${role}`);
  asRole = connectionOf(client);
});
afterEach(async () => {
  await asRole.query('reset role');
  await database.connection.query(`drop owned by ${role} cascade; drop role ${role}`);
  await database.drop();
});

describe('a role that may not make the ledger', () => {
  it('is told what to grant', async () => {
    await expect(ensureLedger(asRole)).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(
        new RegExp(
          `^role ${role} may not make the ledger .*: grant create on database \\S+ to ${role}; ` +
            `or have it made by somebody who may: create schema crossfade_ledger authorization ${role}$`,
        ),
      ) as string,
    });
  });

  it('makes it in a schema that somebody made for it', async () => {
    await database.connection.query(`create schema crossfade_ledger authorization ${role}`);
    await ensureLedger(asRole);
    await ensureLedger(asRole);
    const { rows } = await database.connection.query(
      `select to_regclass('crossfade_ledger.slices') is not null as there`,
    );
    expect(rows).toEqual([{ there: true }]);
  });

  it('is told whose schema it is', async () => {
    await database.connection.query('create schema crossfade_ledger');
    await expect(ensureLedger(asRole)).rejects.toThrow(
      /belongs to somebody else: alter schema crossfade_ledger owner to migrator_/,
    );
  });
});

it('gets the columns that an earlier Crossfade did not have', async () => {
  await ensureLedger(database.connection);
  await database.connection.query('alter table crossfade_ledger.files drop column plan');
  await ensureLedger(database.connection);
  expect((await database.connection.query('select plan from crossfade_ledger.files')).rows).toEqual([]);
});
