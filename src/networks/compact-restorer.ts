import { z } from 'zod';
import type { ParameterScope } from '../graph/leaves.js';
import { add, pixelShuffle, relu, resizeBilinear } from '../graph/operators/index.js';
import type { Value } from '../graph/value.js';
import { convolution } from './layers.js';
import { countLayers, type RestorerNetwork, type StateShapes, shapeOf } from './network.js';

const schema = z.strictObject({
  scale: z.int().min(1).max(8).default(4),
  features: z.int().min(1).default(48),
  /** Residual blocks of two convolutions. */
  blocks: z.int().min(1).max(64).default(8),
});

type CompactRestorerConfig = z.infer<typeof schema>;

/**
 * A compact super-resolution network: residual blocks at the input's size, a pixel shuffle at the
 * end, and the bilinearly enlarged input added. [N, 3, H, W] to [N, 3, H scale, W scale].
 */
export const compactRestorer: RestorerNetwork<CompactRestorerConfig> = {
  name: 'compact-restorer',
  role: 'restorer',
  schema,
  build: ({ scale, features, blocks }, scope, inputs) => {
    const image = inputs[0]!;
    const head = convolution(scope.child('head'), image, { filters: features, kernel: 3 });
    let x = head;
    for (let block = 0; block < blocks; block += 1)
      x = residualBlock(scope.child(`body.${block}`), x);
    x = add(head, convolution(scope.child('body.last'), x, { filters: features, kernel: 3 }));
    const detail = convolution(scope.child('tail'), x, { filters: 3 * scale ** 2, kernel: 3 });
    const [height, width] = image.shape.slice(2) as [number, number];
    const base = resizeBilinear(image, [height * scale, width * scale]);
    return add(base, pixelShuffle(detail, scale));
  },
  inputShapes: (_config, { batch, height, width }) => [[batch, 3, height, width]],
  scale: ({ scale }) => scale,
  sizeRule: () => ({ multiple: 1, minimum: 1 }),
  receptiveRadius: ({ blocks }) => 2 * blocks + 3,
  configure,
};

function configure(state: StateShapes): Record<string, unknown> | undefined {
  const features = shapeOf(state, 'head.weight', 4)?.[0];
  const details = shapeOf(state, 'tail.weight', 4)?.[0];
  if (features === undefined || details === undefined || !state.has('body.last.weight'))
    return undefined;
  const blocks = countLayers(state, (block) => `body.${block}.conv1.weight`);
  return { scale: Math.sqrt(details / 3), features, blocks };
}

function residualBlock(scope: ParameterScope, x: Value): Value {
  const filters = x.shape[1]!;
  const hidden = relu(convolution(scope.child('conv1'), x, { filters, kernel: 3 }));
  return add(x, convolution(scope.child('conv2'), hidden, { filters, kernel: 3 }));
}
