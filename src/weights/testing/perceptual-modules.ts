import { madeUpPerceptualWeights } from '../../conformance/kinds/perceptual.js';
import { input, ParameterScope } from '../../graph/index.js';
import { type PerceptualNetwork, parseConfiguration } from '../../networks/network.js';
import { definePerceptualModule, type PerceptualModule } from '../module-file.js';

/** A perceptual module with the made-up weights of the conformance cases. */
export function madeUpPerceptualModule<C>(
  network: PerceptualNetwork<C>,
  json: unknown = {},
): PerceptualModule {
  const config = parseConfiguration(network, json);
  const side = network.minimum(config);
  const images = Array.from({ length: network.images(config) }, (_, index) =>
    input(`${index}`, [1, 3, side, side]),
  );
  const scope = new ParameterScope();
  network.build(config, scope, images);
  const general = network as PerceptualNetwork;
  return definePerceptualModule(general, json, madeUpPerceptualWeights(network, scope));
}
