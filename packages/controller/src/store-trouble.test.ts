import { expect, test } from 'vitest';
import { ofStore, StoreTrouble } from './store-trouble.ts';

const hangs = async (): Promise<never> => await new Promise<never>(() => undefined);

test('a call that hangs ends with the lease, whether it is lost before or while it is under way', async () => {
  await expect(ofStore(hangs, AbortSignal.abort())).rejects.toThrow(StoreTrouble);
  const lost = new AbortController();
  const call = ofStore(hangs, lost.signal);
  lost.abort();
  await expect(call).rejects.toThrow('the control store failed: the lease is lost');
});
