/** How far the two sides' numbers are apart. */
export interface Agreement {
  /** Largest absolute difference over the largest absolute value of the same tensor, at least 1 of outputs. */
  readonly error: number;
  readonly tolerance: number;
}

/** Outputs in float32 after some hundred operators; gradients also pass a sum over all pixels. */
const OUTPUT_TOLERANCE = 1e-4;
const TRAINING_TOLERANCE = 1e-3;

/**
 * Compares results by name: outputs against values of order one, what a training gives against
 * the largest entry of each tensor.
 * @throws Error where one side has a tensor that the other lacks, or of another size.
 */
export function agreement(
  kind: 'inference' | 'training' | 'product',
  ours: ReadonlyMap<string, ArrayLike<number>>,
  theirs: ReadonlyMap<string, ArrayLike<number>>,
): Agreement {
  const names = new Set([...ours.keys(), ...theirs.keys()]);
  let worst = 0;
  for (const name of names) {
    const [a, b] = [ours.get(name), theirs.get(name)];
    if (a === undefined || b === undefined || a.length !== b.length)
      throw new Error(
        `${name}: ${a?.length ?? 'no'} numbers of ours, ${b?.length ?? 'no'} of theirs`,
      );
    const error = apart(a, b, kind === 'inference' ? 1 : 0);
    if (!(error <= worst)) worst = error;
  }
  return { error: worst, tolerance: kind === 'training' ? TRAINING_TOLERANCE : OUTPUT_TOLERANCE };
}

function apart(a: ArrayLike<number>, b: ArrayLike<number>, least: number): number {
  let difference = 0;
  let largest = least;
  for (let index = 0; index < a.length; index += 1) {
    const distance = Math.abs(a[index]! - b[index]!);
    if (Number.isNaN(distance)) return Number.NaN;
    difference = Math.max(difference, distance);
    largest = Math.max(largest, Math.abs(b[index]!));
  }
  return difference / largest;
}
