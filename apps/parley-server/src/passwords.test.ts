import { expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './passwords.ts';

it('knows a password again, and only that one', async () => {
  const encoded = await hashPassword('pass word é');
  expect(encoded).toMatch(/^scrypt\$16384\$8\$1\$/);
  expect(await verifyPassword('pass word é', encoded)).toBe(true);
  expect(await verifyPassword('pass word e', encoded)).toBe(false);
});

it('takes the same letters in another Unicode form for the same password', async () => {
  const encoded = await hashPassword('caf\u00E9');
  expect(await verifyPassword('cafe\u0301', encoded)).toBe(true);
});

it('gives equal passwords different hashes', async () => {
  expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
});

it.each([null, '', 'plain text', '$2b$10$abcdefghijklmnopqrstuv', 'scrypt$99999999$8$1$AAAA$AAAA'])(
  'refuses every password where %j is stored',
  async (encoded) => {
    expect(await verifyPassword('', encoded)).toBe(false);
    expect(await verifyPassword('plain text', encoded)).toBe(false);
  },
);

it('leaves the event loop free while it works', async () => {
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 1);
  await Promise.all([hashPassword('a'), hashPassword('b'), hashPassword('c')]);
  clearInterval(counting);
  expect(turns).toBeGreaterThan(3);
});
