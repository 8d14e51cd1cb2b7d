/** A picture's samples, flat. */
export type State = Float32Array | Float64Array;

/**
 * Injected noise: fills `target` with standard normal deviates for the flat elements first,
 * first + 1, ... of the state. `time` is the t at which the drawn state arrives (tau for the
 * start), so each time has its own field and chains of different strides share the noise of the
 * times they have in common.
 */
export type NoiseSource = (time: number, first: number, target: Float64Array) => void;

const noiseChunk = 8192;
const chunksBetweenPauses = 128;

/** One image with its factor in a sum. */
export interface Term {
  readonly factor: number;
  readonly image: State;
}

/** The estimate and, of a multistep solver, the one before. */
export type Terms = readonly [estimate: Term | undefined, previous: Term | undefined];

/**
 * x <- fromState * x + the sum of the terms + deviation * z, in place and in pieces, with a `pause`
 * every million elements.
 * @returns whether every new value is finite.
 */
export async function advance(
  x: Float64Array,
  terms: Terms,
  fromState: number,
  deviation: number,
  noise: NoiseSource,
  time: number,
  pause: () => Promise<void>,
): Promise<boolean> {
  const buffer = new Float64Array(Math.min(noiseChunk, x.length));
  // Adds 0 for each finite value and NaN for any other.
  let witness = 0;
  for (let first = 0, chunk = 0; first < x.length; first += noiseChunk, chunk++) {
    if (chunk > 0 && chunk % chunksBetweenPauses === 0) await pause();
    const end = Math.min(first + noiseChunk, x.length);
    const z = buffer.subarray(0, end - first);
    if (deviation > 0) noise(time, first, z);
    witness += combine(x, terms, fromState, deviation, z, first, end);
  }
  return witness === 0;
}

function combine(
  x: Float64Array,
  terms: Terms,
  fromState: number,
  deviation: number,
  z: Float64Array,
  first: number,
  end: number,
): number {
  const [estimate, previous] = terms;
  let witness = 0;
  for (let i = first; i < end; i++) {
    const known = estimate === undefined ? 0 : estimate.factor * estimate.image[i]!;
    let value = known + fromState * x[i]! + deviation * z[i - first]!;
    if (previous !== undefined) value += previous.factor * previous.image[i]!;
    x[i] = value;
    witness += value * 0;
  }
  return witness;
}
