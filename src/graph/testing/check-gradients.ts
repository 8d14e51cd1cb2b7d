import { expect } from 'vitest';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { constant, isInput } from '../leaves.js';
import { mul } from '../operators/elementwise.js';
import { reshape } from '../operators/layout.js';
import { reduceSum } from '../operators/reductions.js';
import { gradients } from '../training/differentiate.js';
import { topologicalOrder, type Value } from '../value.js';
import { asInputs, compile, type Feeds } from './evaluate.js';
import { sample } from './tensors.js';

/** Largest number of elements of one input that are perturbed one by one. */
const MOST_ELEMENTS = 40;

interface Options {
  /** Largest error, relative to the input's largest derivative; default 1e-3. */
  readonly tolerance?: number;
  /** Larger of the two steps of the differences; inputs must be this far from any kink. */
  readonly step?: number;
}

/**
 * Expects `gradients()` of what `build` makes of `inputs` to agree with central differences.
 *
 * The loss is a random projection of the result, summed in double precision. Each element (evenly
 * chosen ones where there are many) and one random direction of every input are differenced at
 * two steps, h and h/2, and extrapolated.
 * @throws Error where the two steps disagree: the case crosses a kink or curves too much to judge.
 */
export async function checkGradients(
  build: (...values: Value[]) => Value,
  inputs: readonly Tensor[],
  { tolerance = 1e-3, step = 1 / 32 }: Options = {},
): Promise<void> {
  const { values, feeds } = asInputs(inputs);
  const result = build(...values);
  const projection = sample(result.shape, 77, { gap: 0.2 });
  const flat = reshape(mul(result, constant(projection)), [projection.data.length]);
  const derivatives = gradients(reduceSum(flat, [0]), values);
  const named = Object.fromEntries(derivatives.map((value, place) => [`d${place}`, value]));

  const differentiated = await compile(named);
  const computed = await differentiated.run(usedBy(derivatives, feeds));
  await differentiated.release();

  const forward = await compile({ y: result });
  const used = usedBy([result], feeds);
  const loss = async (changed: Feeds): Promise<number> => {
    const { y } = await forward.run({ ...used, ...changed });
    return y!.data.reduce((sum, value, place) => sum + value * projection.data[place]!, 0);
  };
  for (const [place, point] of inputs.entries()) {
    const name = `x${place}`;
    const derivative = computed[`d${place}`]!;
    expect(derivative.shape, `shape of the gradient of input ${place}`).toEqual(point.shape);
    if (!(name in used)) {
      expect(derivative.data.every((value) => value === 0)).toBe(true);
      continue;
    }
    const along = (direction: Float32Array): Promise<Difference> =>
      difference((shift) => loss({ [name]: moved(point, direction, shift) }), step);
    await compare(derivative, along, `input ${place}`, tolerance);
  }
  await forward.release();
}

interface Difference {
  readonly coarse: number;
  readonly fine: number;
}

async function difference(
  loss: (shift: number) => Promise<number>,
  step: number,
): Promise<Difference> {
  const central = async (h: number) => ((await loss(h)) - (await loss(-h))) / (2 * h);
  return { coarse: await central(step), fine: await central(step / 2) };
}

async function compare(
  { data }: Tensor,
  along: (direction: Float32Array) => Promise<Difference>,
  subject: string,
  tolerance: number,
): Promise<void> {
  const stride = Math.max(1, Math.ceil(data.length / MOST_ELEMENTS));
  const checks: { label: string; computed: number; found: Difference }[] = [];
  for (let element = 0; element < data.length; element += stride) {
    const direction = new Float32Array(data.length);
    direction[element] = 1;
    const found = await along(direction);
    checks.push({ label: `${subject}, element ${element}`, computed: data[element]!, found });
  }
  const signs = sample([data.length], 78).data.map((value) => Math.sign(value + 1 / 2048));
  const computed = data.reduce((sum, value, element) => sum + value * signs[element]!, 0);
  const found = await along(signs);
  checks.push({ label: `${subject}, a direction`, computed, found });

  const scale = Math.max(0.01, ...checks.map(({ found }) => Math.abs(found.fine)));
  for (const { label, computed: claimed, found } of checks) {
    const { coarse, fine } = found;
    if (!(Math.abs(coarse - fine) <= 0.03 * scale))
      throw new Error(`flawed case at ${label}: differences ${coarse} and ${fine} disagree`);
    const expected = (4 * fine - coarse) / 3;
    if (!(Math.abs(claimed - expected) <= tolerance * scale))
      expect.fail(`${label}: gradient ${claimed}, differences ${expected}`);
  }
}

function moved({ shape, data }: Tensor, direction: Float32Array, shift: number): Tensor {
  return tensor(
    shape,
    data.map((value, place) => value + shift * direction[place]!),
  );
}

function usedBy(outputs: readonly Value[], feeds: Feeds): Feeds {
  const names = new Set(
    topologicalOrder(outputs)
      .filter(isInput)
      .map((value) => value.attributes.name),
  );
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => names.has(name)));
}
