/** At most so many entries, evenly from the first to the last. */
export function spread<Entry>(entries: readonly Entry[], most: number): Entry[] {
  if (entries.length <= most) return [...entries];
  const last = entries.length - 1;
  return Array.from({ length: most }, (_, i) => entries[Math.round((i * last) / (most - 1))]!);
}
