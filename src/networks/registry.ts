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
import type { ImageNetwork, Network, PerceptualNetwork } from './network.js';
import { lpipsAlex, lpipsSqueeze, lpipsVgg } from './perceptual/lpips.js';
import { topiqFr, topiqNr } from './perceptual/topiq.js';
import { rrdb } from './rrdb.js';
import { swinir } from './swinir.js';
import { udp } from './udp.js';
import { unshuffledUnet } from './unshuffled-unet.js';

/** Every architecture of the package, by role and name. A new one is added here. */
export const networks = [
  // Restorers and denoisers.
  compactRestorer,
  deconvolutionUnet,
  drunet,
  fftformer,
  mirnet,
  nafnet,
  rrdb,
  swinir,
  udp,
  unshuffledUnet,
  // Burst restorers.
  bsrt,
  compactBurst,
  // Fusion networks.
  fusion,
  fusionLdwt,
  fusionTdwa,
  fusionUnet,
  // Image quality metrics.
  lpipsAlex,
  lpipsSqueeze,
  lpipsVgg,
  topiqFr,
  topiqNr,
] as readonly Network[];

/** The networks whose output is an image. */
export const imageNetworks = networks.filter((network) => network.role !== 'perceptual');

/** The image quality metrics. */
export const perceptualNetworks = networks.filter((network) => network.role === 'perceptual');

/**
 * The network of a name, where there is one. A variant's name, such as `swinir_light_x4`, starts
 * with the network's and an underscore.
 */
export function findNetwork(name: string): Network | undefined {
  return networks.find((network) => name === network.name || name.startsWith(`${network.name}_`));
}

/** As `findNetwork`, among the networks whose output is an image. */
export function findImageNetwork(name: string): ImageNetwork | undefined {
  const network = findNetwork(name);
  return network?.role === 'perceptual' ? undefined : network;
}

/** As `findNetwork`, among the image quality metrics. */
export function findPerceptualNetwork(name: string): PerceptualNetwork | undefined {
  const network = findNetwork(name);
  return network?.role === 'perceptual' ? network : undefined;
}
