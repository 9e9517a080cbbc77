import { userInfo } from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { installedPostgres } from './inspect-embedded.ts';
import { ownAccountHasName } from './account-name.ts';

vi.mock('node:os', { spy: true });

describe('an account without a name, as containers give it', () => {
  afterEach(() => vi.restoreAllMocks());

  function nameless(): void {
    vi.mocked(userInfo).mockImplementation(() => {
      throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT');
    });
    vi.spyOn(process, 'getuid').mockReturnValue(54_321);
  }

  test('is told apart from ours', () => {
    expect(ownAccountHasName()).toBe(true);
    nameless();
    expect(ownAccountHasName()).toBe(false);
  });

  test('is told why Postgres cannot work for it, and what to do', async () => {
    nameless();
    await expect(installedPostgres()).rejects.toThrow(
      /the user id 54321 has no name on this system.*\/etc\/passwd.*DATABASE_URL/,
    );
  });
});
