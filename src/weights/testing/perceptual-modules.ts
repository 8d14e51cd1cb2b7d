import { madeUpPerceptualWeights } from '../../conformance/kinds/perceptual.js';
import { ParameterScope } from '../../graph/index.js';
import {
  networkInputs,
  type PerceptualNetwork,
  parseConfiguration,
} from '../../networks/network.js';
import { defineModule, type PerceptualModule } from '../module-file.js';

/** A perceptual module with the made-up weights of the conformance cases. */
export function madeUpPerceptualModule<C>(
  network: PerceptualNetwork<C>,
  json: unknown = {},
): PerceptualModule {
  const general = network as PerceptualNetwork;
  const config = parseConfiguration(general, json);
  const scope = new ParameterScope();
  general.build(config, scope, networkInputs(general, config));
  return defineModule(general, json, madeUpPerceptualWeights(general, scope));
}
