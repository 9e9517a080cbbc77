/** Does `work` for every item, at most `atATime` at once. The first failure is thrown; what is under way ends first. */
export async function forEachOf<T>(
  items: Iterable<T>,
  atATime: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const takeTurns = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await work(item);
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atATime }, takeTurns));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}
