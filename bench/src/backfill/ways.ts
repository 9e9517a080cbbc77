import { createCipheriv, randomBytes } from 'node:crypto';
import type { BenchDatabase } from '../schema/bench-database.ts';
import { performStep } from '../schema/perform-step.ts';

/** One way to give every message its new column. */
export interface WayToFill {
  readonly name: string;
  /** Which column it fills. */
  readonly column: 'words' | 'sealed';
  readonly fill: (database: BenchDatabase) => Promise<unknown>;
}

const upper = `upper(body)`;
const file = 'transforms/seal.ts';

/** AES-256-GCM of a message's text, bound to its id, and back: what sealing old messages will have to do. */
export const seal = `
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
const key = createSecretKey(Buffer.alloc(32, 7));
export function transform(rows) {
  const nonces = randomBytes(12 * rows.length);
  return rows.map(({ key: id, columns: { body } }, at) => {
    const nonce = nonces.subarray(at * 12, at * 12 + 12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(Buffer.from(id));
    const text = cipher.update(body, 'utf8');
    cipher.final();
    return { sealed: Buffer.concat([nonce, cipher.getAuthTag(), text]) };
  });
}
export const inverse = (changes) => changes.map(({ key: id, sealed }) => {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from(id));
  decipher.setAuthTag(sealed.subarray(12, 28));
  const text = decipher.update(sealed.subarray(28), undefined, 'utf8');
  return { body: text + decipher.final('utf8') };
});
`;

// What comes out is compared apart: see verification.ts.
const common = {
  table: 'public.messages',
  key: 'id',
  dual_write: 'trigger',
  undo: 'keep',
  verify: 'off',
  throttle: 'off',
};
export const sqlSettings = { ...common, set: { words: upper }, where: 'words is null' };
export const transformSettings = {
  ...common,
  transform: { file, read: ['body'], write: ['sealed'] },
  where: 'sealed is null',
};

/** The floor that nothing which writes every row anew beats by much. */
export const singleUpdate: WayToFill = {
  name: 'single',
  column: 'words',
  fill: async ({ sql }) => await sql.query(`update public.messages set words = ${upper}`),
};

export const bySql: WayToFill = {
  name: 'sql',
  column: 'words',
  fill: async ({ url }) =>
    await performStep(url, { type: 'backfill', effects: ['fill'], settings: sqlSettings }),
};

export const byTransform: WayToFill = {
  name: 'transform',
  column: 'sealed',
  fill: async ({ url }) =>
    await performStep(url, {
      type: 'backfill',
      effects: ['fill'],
      settings: { ...transformSettings, workers: 2 },
      files: { [file]: seal },
    }),
};

/** As the document that this project began with sketches it: OFFSET pages, one row after the other. Returns rows a second. */
export async function theSketchedWay({ sql }: BenchDatabase, rows: number): Promise<number> {
  const startedMs = performance.now();
  let done = 0;
  // A tenth of the pages, spread over the table, tells what all of them would take.
  for (let offset = 0; offset < rows; offset += 10 * 1_000) {
    const page = await sql.query<{ id: number; body: string }>(
      'select id, body from public.messages order by id offset $1 limit 1000',
      [offset],
    );
    for (const { id, body } of page.rows.slice(0, 100)) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', Buffer.alloc(32, 7), nonce);
      const text = Buffer.concat([cipher.update(body, 'utf8'), cipher.final()]);
      await sql.query('update public.messages set sealed = $2 where id = $1', [
        id,
        Buffer.concat([nonce, cipher.getAuthTag(), text]),
      ]);
      done += 1;
    }
  }
  return done / ((performance.now() - startedMs) / 1_000);
}
