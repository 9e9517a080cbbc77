import type { SampleSize } from '@crossfade/local-postgres';
import { Refusal } from '../exit-codes.ts';

/** `10%`, or a number of rows of each table. */
export function sampleOption(text: string): SampleSize & { readonly text: string } {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined && Number(percent) > 0 && Number(percent) < 100)
    return { percent: Number(percent), text };
  const rows = /^\d+$/.test(text) ? Number(text) : 0;
  if (percent === undefined && rows > 0 && rows <= 1e9) return { rows, text };
  throw new Refusal(
    `--sample ${text.slice(0, 100)}: expected a part of all rows such as 10%, or a number of rows of each table such as 50000`,
  );
}
