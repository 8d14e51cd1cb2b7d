import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { compactBurst } from '../compact-burst.js';
import { parseConfiguration } from '../configuration.js';
import { madeUpOutput } from '../testing/made-up.js';
import { expect, test } from 'vitest';

const near = {
  scale: 1,
  features: 4,
  encoderBlocks: 0,
  trunkFeatures: 4,
  trunkBlocks: 0,
  flowLevels: 1,
  window: 0.5,
  maxFlow: 1,
};

test.each([near, { ...near, flowLevels: 2, encoderBlocks: 1, maxFlow: 2 }])(
  'a tile with the receptive radius around it gives the pixels of the whole: %o',
  async (json) => {
    const config = parseConfiguration(compactBurst, json);
    const radius = compactBurst.receptiveRadius(config)!;
    const { multiple } = compactBurst.sizeRule(config);
    const start = 4 * multiple;
    const inside = 4;
    const side = 2 * Math.ceil((start + inside + 2 * radius) / 2);
    const burst = sample([1, 3, 4, side, side], 3, { low: 0 });
    const whole = await madeUpOutput(compactBurst, json, [burst]);
    const [rows, columns] = [start + radius + inside, side - start];
    // Up to the first rows and to the last columns.
    const tile = filled([1, 3, 4, rows, columns], (n, frame, channel, y, x) =>
      at(burst, n!, frame!, channel!, y!, start + x!),
    );
    const part = await madeUpOutput(compactBurst, json, [tile]);
    const scale = compactBurst.scale(config);
    const height = rows - radius;
    const width = columns - radius;
    expect(Math.min(height, width)).toBeGreaterThanOrEqual(inside);
    const shape = [1, 3, scale * height, scale * width];
    const expected = filled(shape, (n, colour, y, x) =>
      at(whole, n!, colour!, y!, scale * (start + radius) + x!),
    );
    const found = filled(shape, (n, colour, y, x) =>
      at(part, n!, colour!, y!, scale * radius + x!),
    );
    // Places count from the middle of the picture: flows in noise differ by rounding.
    expectClose(found, expected, 1e-3);
  },
);

test('wide windows reach further than any margin', () => {
  const config = parseConfiguration(compactBurst, {});
  expect(compactBurst.receptiveRadius(config)).toBeUndefined();
});
