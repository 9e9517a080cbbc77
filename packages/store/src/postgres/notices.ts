import type { Notice } from '@crossfade/engine';
import type { Pool } from 'pg';
import { refuseFenced } from './refuse-fenced.ts';
import { sql } from './sql.ts';
import { transact } from './transact.ts';

const hideOthers = sql('hide-other-notices');
const show = sql('show-notices');

/** These and no others. Shown again, they stay; a leader that has been replaced shows nothing. */
export async function showNotices(pool: Pool, notices: readonly Notice[], token: number): Promise<void> {
  await transact(pool, async (client) => {
    await refuseFenced(client, token);
    // Whoever else looks at the table must not keep the lease waiting with us.
    await client.query(`set local lock_timeout = '200ms'`);
    const steps = notices.map(({ step }) => step);
    await client.query(hideOthers, [steps]);
    if (notices.length === 0) return;
    await client.query(show, [
      steps,
      notices.map(({ title }) => title),
      notices.map(({ text }) => text),
      notices.map(({ progress }) => progress),
    ]);
  });
}
