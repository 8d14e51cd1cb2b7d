import { concat, expand, type ParameterScope, type Value } from '../graph/index.js';
import { ModelError } from '../tensor/errors.js';
import type { Network } from './network.js';

/** What a module does in DP-IR. */
export type Role = 'restorer' | 'denoiser' | 'fusion';

/**
 * The Gaussian denoiser D(x, sigma) = E[x0 | x0 + sigma noise] that a network makes. Networks that
 * take the noise level as a map in a fourth channel get it there.
 * @param image [N, 3, H, W] in [0, 1] units, with the noise.
 * @param sigma [N, 1, 1, 1], the noise's standard deviation in the same units.
 * @throws ModelError where the network takes inputs that no denoiser has.
 */
export function buildDenoiser(
  network: Network,
  config: unknown,
  scope: ParameterScope,
  image: Value,
  sigma: Value,
): Value {
  const [batch, , height, width] = image.shape as [number, number, number, number];
  const shapes = network.inputShapes(config, { batch, height, width });
  if (shapes.length === 2) return network.build(config, scope, [image, sigma]);
  if (shapes.length === 1 && shapes[0]![1] === 4) {
    const map = expand(sigma, [batch, 1, height, width]);
    return network.build(config, scope, [concat([image, map], 1)]);
  }
  throw new ModelError(network.name, 'is no denoiser of known noise', {
    expected: 'an image and a noise level, or four channels',
    received: shapes.map((shape) => `[${shape}]`).join(', '),
  });
}

/**
 * The restoration E[x0 | y] that a network makes of degraded pictures [N, 3, H, W].
 * @throws ModelError where the network takes something else than one picture.
 */
export function buildRestorer(
  network: Network,
  config: unknown,
  scope: ParameterScope,
  image: Value,
): Value {
  const [batch, channels, height, width] = image.shape as [number, number, number, number];
  const shapes = network.inputShapes(config, { batch, height, width });
  if (shapes.length !== 1 || shapes[0]![1] !== channels)
    throw new ModelError(network.name, `does not restore pictures of ${channels} channels`);
  return network.build(config, scope, [image]);
}
