import { fileURLToPath } from 'node:url';
import { z } from 'zod';
// Outside this repository: from 'dp-ir/core' and 'dp-ir/train'.
import { graph, type RestorerNetwork, tensor, uniformAt } from '../src/core.js';
import { type CropPair, type CropRequest, trainHere } from '../src/train.js';

/**
 * Trains a network of one's own with an operator of one's own, by a loss of one's own, to sharpen
 * images from a dataset of one's own. `trainHere` takes the parts as they are; `train` imports
 * them from this file in a process of its own:
 *
 *     await train(recipe, { output, definitions: new URL('./custom-training.ts', import.meta.url) });
 */

/** x sigmoid(x), with what ONNX, shapes and gradients need to know of it. */
const swishOperator: graph.Operator<null> = {
  name: 'swish',
  infer: ([x]) => ({ shape: x!.shape, dataType: 'float32' }),
  lower: (emitter, [x]) => emitter.node('Mul', [x!, emitter.node('Sigmoid', [x!])]),
  gradient: ({ inputs: [x] }, upstream, { add, mul, sigmoid, sub }) => {
    const gate = sigmoid(x!);
    const slope = mul(gate, add(graph.scalar(1), mul(x!, sub(graph.scalar(1), gate))));
    return [mul(upstream, slope)];
  },
};
const swish = (x: graph.Value): graph.Value => graph.apply(swishOperator, [x], null);

const schema = z.strictObject({ features: z.int().min(1).default(8) });

const sharpener: RestorerNetwork<z.infer<typeof schema>> = {
  name: 'sharpener',
  role: 'restorer',
  schema,
  build: ({ features }, scope, [image]) => {
    const convolve = (name: string, x: graph.Value, filters: number): graph.Value => {
      const bound = 1 / Math.sqrt(9 * x.shape[1]!);
      const weight = scope.parameter(`${name}.weight`, [filters, x.shape[1]!, 3, 3], {
        kind: 'uniform',
        bound,
      });
      return graph.conv2d(x, weight, undefined, { padding: 1 });
    };
    const hidden = swish(convolve('first', image!, features));
    return graph.add(image!, convolve('last', hidden, 3));
  },
  inputShapes: (_, { batch, height, width }) => [[batch, 3, height, width]],
  scale: () => 1,
  sizeRule: () => ({ multiple: 1, minimum: 1 }),
  receptiveRadius: () => 2,
};

export const networks = [sharpener as RestorerNetwork];

/** Stripes of random direction and width, and the same blurred along rows. */
export async function dataset(place: CropRequest): Promise<CropPair> {
  const { seed, step, sample, size } = place;
  const draw = (index: number): number => uniformAt(seed, step, sample * 16 + index);
  const [down, right] = [0.4 + draw(0), 0.4 + draw(1)];
  const target = tensor([3, size, size]);
  const input = tensor([3, size, size]);
  const at = (y: number, x: number): number => (Math.sin(down * y + right * x) > 0 ? 0.9 : 0.1);
  for (let i = 0; i < target.data.length; i += 1) {
    const [y, x] = [Math.floor(i / size) % size, i % size];
    target.data[i] = at(y, x);
    input.data[i] = (at(y, x - 1) + at(y, x) + at(y, x + 1)) / 3;
  }
  return { input, target };
}

/** The mean of log(1 + (error / 0.05)^2), which forgives outliers. */
export function loss(estimate: graph.Value, target: graph.Value): graph.Value {
  const error = graph.mul(graph.sub(estimate, target), graph.scalar(20));
  const each = graph.log(graph.add(graph.mul(error, error), graph.scalar(1)));
  return graph.reduceMean(each, [0, 1, 2, 3], false);
}

export const recipe = {
  kind: 'restorer',
  data: 'stripes',
  scale: 1,
  steps: 60,
  batch: 4,
  crop: 16,
  learningRate: 1e-2,
  schedule: { kind: 'cosine' },
  loss: 'l1',
  average: 0.9,
  network: 'sharpener',
  config: { features: 8 },
  validation: { data: 'stripes', every: 20, images: 4, previews: 0 },
};

const [, program, output = 'runs/sharpener'] = process.argv;
if (program === fileURLToPath(import.meta.url)) {
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  const result = await trainHere(recipe, {
    ...{ output, dataset, loss, networks, threads: 1, signal: interruption.signal },
    onProgress: ({ step, loss: mean }) => console.log(`step ${step}: loss ${mean.toFixed(3)}`),
    onValidation: ({ validation }) => console.log(`held out: ${validation.psnr.toFixed(2)} dB`),
  });
  console.log(result.finished ? 'done' : `stopped after step ${result.step}`);
}
