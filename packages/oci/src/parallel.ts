/**
 * A few pieces of work at once, of many.
 *
 * @module
 */

/** How many transfers with one registry run at once: more than one is slow alone, many are rude. */
export const TRANSFERS = 4;

/**
 * Runs `work` over the items, at most `TRANSFERS` at once. The first failure aborts the signal that
 * the others got; nothing runs any more when this rejects.
 */
export async function inParallel<Item>(
  items: readonly Item[],
  signal: AbortSignal | undefined,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const both = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  const failures: unknown[] = [];
  const rest = items.values();
  const run = async (): Promise<void> => {
    for (const item of rest) {
      if (failures.length > 0) return;
      try {
        await work(item, both);
      } catch (cause) {
        failures.push(cause);
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: TRANSFERS }, run));
  if (failures.length > 0) throw failures[0];
}
