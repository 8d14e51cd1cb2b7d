import { type ParameterScope, type Value, add, slice } from '../graph/index.js';
import { ParameterError } from '../tensor/errors.js';
import { convolution } from './layers.js';
import { type MirnetConfig, mirnetSchema } from './mirnet/configuration.js';
import { configureMirnet } from './mirnet/configure.js';
import { multiScaleBlock } from './mirnet/multi-scale-block.js';
import type { Network } from './network.js';
import { crop, padToMultiple } from './padding.js';

/**
 * MIRNet (Zamir et al., "Learning Enriched Features for Real Image Restoration and Enhancement",
 * ECCV 2020). The input [N, inputs, H, W] holds the picture in [0, 1] and, above `outputs`
 * channels, further maps such as the noise level; its first channels are added to the result.
 */
export const mirnet: Network<MirnetConfig> = {
  name: 'mirnet',
  schema: mirnetSchema,
  build: (config, scope, [picture]) => {
    const [, channels, height, width] = picture!.shape as [number, number, number, number];
    if (channels !== config.inputs)
      throw new ParameterError('mirnet input', `${config.inputs} channels`, channels);
    const padded = padToMultiple(picture!, multiple(config));
    const { features, outputs, kernel, bias } = config;
    let x = convolution(scope.child('conv_in'), padded, { filters: features, kernel, bias });
    const slope = scope.parameter(SLOPE, [1], { kind: 'constant', value: 0.25 });
    for (let group = 0; group < config.groups; group += 1)
      x = residualGroup(config, scope.child(`body.${group}.body`), x, slope);
    const made = convolution(scope.child('conv_out'), x, { filters: outputs, kernel, bias });
    const base =
      config.inputs > outputs && config.inputs > 1 ? slice(padded, 1, 0, outputs) : padded;
    return crop(add(made, base), height, width);
  },
  inputShapes: ({ inputs }, { batch, height, width }) => [[batch, inputs, height, width]],
  scale: () => 1,
  sizeRule: (config) => ({ multiple: multiple(config), minimum: multiple(config) }),
  receptiveRadius: () => undefined,
  aliases: unitAliases,
  isBuffer: (key) => key.endsWith('.filt'),
  configure: configureMirnet,
};

/** All attention units of the reference share the one rectifier that is its default argument. */
const SLOPE = 'body.0.body.0.blocks.0.0.body.1.weight';

const UNIT_WEIGHTS = [
  'body.0.weight',
  'body.2.weight',
  'SA.spatial.conv.weight',
  'CA.conv_du.0.weight',
  'CA.conv_du.2.weight',
  'conv1x1.weight',
];

/** Names under which a checkpoint repeats the first column's units and the one rectifier. */
function unitAliases({ groups, blocks, scales, columns }: MirnetConfig): Map<string, string> {
  const aliases = new Map<string, string>();
  for (let group = 0; group < groups; group += 1)
    for (let block = 0; block < blocks; block += 1)
      for (let scale = 0; scale < scales; scale += 1) {
        const row = `body.${group}.body.${block}.blocks.${scale}`;
        for (let column = 0; column < columns; column += 1) {
          if (`${row}.${column}.body.1.weight` !== SLOPE)
            aliases.set(`${row}.${column}.body.1.weight`, SLOPE);
          if (column > 0)
            for (const name of UNIT_WEIGHTS)
              aliases.set(`${row}.${column}.${name}`, `${row}.0.${name}`);
        }
      }
  return aliases;
}

function multiple({ scales }: MirnetConfig): number {
  return 2 ** (scales - 1);
}

function residualGroup(config: MirnetConfig, scope: ParameterScope, x: Value, slope: Value): Value {
  let result = x;
  for (let block = 0; block < config.blocks; block += 1)
    result = multiScaleBlock(config, scope.child(`${block}`), result, slope);
  const layer = { filters: config.features, bias: false };
  return add(convolution(scope.child(`${config.blocks}`), result, layer), x);
}
