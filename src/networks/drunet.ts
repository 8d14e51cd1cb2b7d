import { type ParameterScope, type Value, add, leakyRelu, relu } from '../graph/index.js';
import { ParameterError } from '../tensor/errors.js';
import { type DrunetConfig, drunetSchema } from './drunet/configuration.js';
import { configureDrunet } from './drunet/configure.js';
import { downSample, resizingRadius, upSample, upSampleLayers } from './drunet/resizing.js';
import { convolution } from './layers.js';
import type { Network } from './network.js';
import { crop, padToMultiple } from './padding.js';

/**
 * DRUNet (Zhang et al., "Plug-and-Play Image Restoration with Deep Denoiser Prior", IEEE TPAMI
 * 2021), a U-Net of residual blocks whose skips are added. The input [N, in_nc, H, W] holds the
 * noisy picture in [0, 1] and the noise level; the output is the clean picture itself.
 */
export const drunet: Network<DrunetConfig> = {
  name: 'drunet',
  schema: drunetSchema,
  build: (config, scope, [picture]) => {
    const { in_nc, out_nc, nc, bias } = config;
    const [, channels, height, width] = picture!.shape as [number, number, number, number];
    if (channels !== in_nc) throw new ParameterError('drunet input', `${in_nc} channels`, channels);
    const padded = padToMultiple(picture!, multiple(config));
    const head = convolution(scope.child('m_head'), padded, { filters: nc[0]!, bias });
    const features = add(level(config, scope, head, 0), head);
    const made = convolution(scope.child('m_tail'), features, { filters: out_nc, bias });
    return crop(made, height, width);
  },
  inputShapes: ({ in_nc }, { batch, height, width }) => [[batch, in_nc, height, width]],
  scale: () => 1,
  sizeRule: (config) => ({ multiple: multiple(config), minimum: multiple(config) }),
  receptiveRadius: (config) => {
    const blocks = 2 * config.nb;
    const around = (below: number): number => 2 * blocks + resizingRadius(config, below);
    return 2 + config.nc.slice(1).reduce(around, blocks);
  },
  configure: configureDrunet,
};

function multiple({ nc }: DrunetConfig): number {
  return 2 ** (nc.length - 1);
}

/** What a level and all coarser ones make of [N, nc[index], H, W], in the same shape. */
function level(config: DrunetConfig, scope: ParameterScope, x: Value, index: number): Value {
  const { nc, nb } = config;
  const filters = nc[index + 1];
  if (filters === undefined) {
    const body = scope.child('m_body');
    // The reference makes no sequence of a single block.
    return nb === 1 ? residualBlock(config, body, x) : residualBlocks(config, body, x, 0);
  }
  const down = scope.child(`m_down${index + 1}`);
  const up = scope.child(`m_up${index + 1}`);
  const fine = residualBlocks(config, down, x, 0);
  const coarse = downSample(config, down, fine, { first: nb, filters });
  const deep = add(level(config, scope, coarse, index + 1), coarse);
  return residualBlocks(config, up, upSample(config, up, deep, nc[index]!), upSampleLayers(config));
}

/** The blocks of a level, from the layer `first` of a sequence on. */
function residualBlocks(
  config: DrunetConfig,
  scope: ParameterScope,
  x: Value,
  first: number,
): Value {
  let result = x;
  for (let block = 0; block < config.nb; block += 1)
    result = residualBlock(config, scope.child(`${first + block}`), result);
  return result;
}

function residualBlock({ act_mode, bias }: DrunetConfig, scope: ParameterScope, x: Value): Value {
  const layer = { filters: x.shape[1]!, bias };
  const hidden = convolution(scope.child('res.0'), x, layer);
  const active = act_mode === 'R' ? relu(hidden) : leakyRelu(hidden, 0.2);
  return add(x, convolution(scope.child('res.2'), active, layer));
}
