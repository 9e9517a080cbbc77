import { expect, test } from 'vitest';
import { ofStore, StoreTrouble } from './store-trouble.ts';

const hangs = async (): Promise<never> => await new Promise<never>(() => undefined);

test('a call that hangs is left when it is cut off, before or while it is under way', async () => {
  await expect(ofStore(hangs, AbortSignal.abort())).rejects.toThrow(StoreTrouble);
  const cutOff = new AbortController();
  const call = ofStore(hangs, cutOff.signal);
  cutOff.abort();
  await expect(call).rejects.toThrow('the control store failed: its answer was not waited for');
});
