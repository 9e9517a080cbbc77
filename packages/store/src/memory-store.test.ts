import { createMemoryStore } from './memory-store.ts';
import { describeControlStore } from './testing/control-store-contract.ts';

describeControlStore('memory store', async () => {
  const store = createMemoryStore();
  return { open: async () => store, close: async () => await store.close() };
});
