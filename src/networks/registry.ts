import { bsrt } from './bsrt/bsrt.js';
import { compactBurst } from './compact-burst/compact-burst.js';
import { compactRestorer } from './compact-restorer.js';
import { deconvolutionUnet } from './deconvolution-unet/deconvolution-unet.js';
import { drunet } from './drunet.js';
import { fftformer } from './fftformer.js';
import { fusion } from './fusion.js';
import { fusionLdwt, fusionTdwa } from './fusion-alternatives.js';
import { fusionUnet } from './fusion-unet.js';
import { mirnet } from './mirnet.js';
import { nafnet } from './nafnet.js';
import type { Network, PerceptualNetwork } from './network.js';
import { lpipsAlex, lpipsSqueeze, lpipsVgg } from './perceptual/lpips.js';
import { topiqFr, topiqNr } from './perceptual/topiq.js';
import { rrdb } from './rrdb.js';
import { swinir } from './swinir.js';
import { udp } from './udp.js';
import { unshuffledUnet } from './unshuffled-unet.js';

/** Every architecture of the package. A new one is added here. */
export const networks: readonly Network[] = [
  bsrt as Network,
  compactBurst as Network,
  compactRestorer as Network,
  deconvolutionUnet as Network,
  drunet as Network,
  fftformer as Network,
  fusion as Network,
  fusionLdwt as Network,
  fusionTdwa as Network,
  fusionUnet as Network,
  mirnet as Network,
  nafnet as Network,
  rrdb as Network,
  swinir as Network,
  udp as Network,
  unshuffledUnet as Network,
];

/**
 * The network of a name, where there is one. A variant's name, such as `swinir_light_x4`, starts
 * with the network's and an underscore.
 */
export function findNetwork(name: string): Network | undefined {
  return networks.find((network) => name === network.name || name.startsWith(`${network.name}_`));
}

/** Every network that judges images. A new one is added here. */
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
