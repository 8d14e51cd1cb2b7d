/** The part of the time that collections may take. */
const SHARE = 0.02;

let next = 0;

/**
 * Collects garbage after a job. Left alone, an engine that sees little pressure lets arrays and
 * graphs of finished jobs lie for minutes, and memory swings. Needs Node's `--expose-gc`.
 */
export function collectGarbage(): void {
  const begun = performance.now();
  if (begun < next) return;
  globalThis.gc?.();
  const ended = performance.now();
  next = ended + (ended - begun) / SHARE;
}
