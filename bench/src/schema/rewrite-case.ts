import type { Case } from './case.ts';
import { performStep } from './perform-step.ts';

/** Every row written anew: in place under a lock that keeps everybody out, or beside the old table by a step of type reshape. */
export const rewriteCase: Case = {
  name: 'rewrite',
  holds: 'has read',
  naively: ['alter table public.messages alter column id type bigint'],
  ours: async (url) =>
    await performStep(url, {
      type: 'reshape',
      effects: ['expand', 'fill', 'link', 'verify', 'swap'],
      settings: { table: 'public.messages', key: 'id', rewrite: true },
    }),
  clean: ['alter table public.messages alter column id type integer'],
  check: async ({ sql }) => {
    const { rows } = await sql.query<{ equal: boolean }>(
      `select (select count(*) from public.messages) = (select count(*) from public.messages_crossfade_old) as equal`,
    );
    return rows[0]?.equal === true;
  },
};
