/** Drawing random numbers that are all different, and that nobody has. */

/**
 * @param draw one random value
 * @param taken which of these values somebody has already, asked of the store once for many
 */
export async function drawDistinct<T>(
  count: number,
  draw: () => T,
  taken: (values: readonly T[]) => Promise<ReadonlySet<unknown>>,
): Promise<readonly T[]> {
  const drawn = new Set<T>();
  while (drawn.size < count) {
    const fresh = new Set<T>();
    while (drawn.size + fresh.size < count) {
      const value = draw();
      if (!drawn.has(value)) fresh.add(value);
    }
    const had = await taken([...fresh]);
    for (const value of fresh) if (!had.has(value)) drawn.add(value);
  }
  return [...drawn];
}
