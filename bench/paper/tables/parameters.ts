import { parseConfiguration } from '../../../src/networks/network.js';
import { findImageNetwork } from '../../../src/networks/registry.js';
import type { PlainNetwork } from '../../../src/restoration/cost/network-cost.js';
import { sizeOf } from '../../../src/tensor/tensor.js';
import { ParameterError } from '../../../src/utils/errors.js';
import { declaredParameters } from '../../../src/weights/module-file.js';

/** An architecture of the package with a configuration, without weights. */
export function plainNetwork(name: string, config: object = {}): PlainNetwork {
  const network = findImageNetwork(name);
  if (network === undefined) throw new ParameterError('network', 'one of the package', name);
  return { network, config: parseConfiguration(network, config) };
}

/** Trained numbers of an architecture. */
export function parametersOf(name: string, config: object = {}): number {
  const { network, config: complete } = plainNetwork(name, config);
  const declared = [...declaredParameters(network, complete).values()];
  return declared.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
