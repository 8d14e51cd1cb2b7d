import { lpipsAlex, lpipsSqueeze, lpipsVgg } from './lpips.js';
import type { PerceptualNetwork } from './perceptual-network.js';
import { topiqFr, topiqNr } from './topiq.js';

/** Every network that judges pictures. A new one is added here. */
export const perceptualNetworks: readonly PerceptualNetwork[] = [
  lpipsAlex as PerceptualNetwork,
  lpipsVgg as PerceptualNetwork,
  lpipsSqueeze as PerceptualNetwork,
  topiqNr as PerceptualNetwork,
  topiqFr as PerceptualNetwork,
];

/** The perceptual network of a name, where there is one. */
export function findPerceptualNetwork(name: string): PerceptualNetwork | undefined {
  return perceptualNetworks.find((network) => network.name === name);
}
