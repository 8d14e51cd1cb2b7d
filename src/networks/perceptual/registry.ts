import type { PerceptualNetwork } from './perceptual-network.js';

/** Every network that judges pictures. A new one is added here. */
export const perceptualNetworks: readonly PerceptualNetwork[] = [];

/** The perceptual network of a name, where there is one. */
export function findPerceptualNetwork(name: string): PerceptualNetwork | undefined {
  return perceptualNetworks.find((network) => network.name === name);
}
