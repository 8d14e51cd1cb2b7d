import { compactRestorer } from './compact-restorer.js';
import { fusion } from './fusion.js';
import type { Network } from './network.js';
import { unshuffledUnet } from './unshuffled-unet.js';

/** Every architecture of the package. A new one is added here. */
export const networks: readonly Network[] = [
  compactRestorer as Network,
  fusion as Network,
  unshuffledUnet as Network,
];

/** The network of a name, where there is one. */
export function findNetwork(name: string): Network | undefined {
  return networks.find((network) => network.name === name);
}
