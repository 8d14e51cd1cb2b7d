import { input, ParameterScope, type Value } from '../../graph/index.js';
import { buildDenoiser } from '../../networks/roles.js';
import { isOnnx, nameOf, type Pack, type PackModule } from '../../restoration/index.js';
import { moduleGraph } from '../../restoration/module-graphs.js';

/**
 * The parts of a restoration: `restorer` and `known`, what the fusion network makes of x_IR alone,
 * are computed once for a picture, `denoiser` and `fusion` at every evaluation.
 */
export const partNames = ['restorer', 'known', 'denoiser', 'fusion'] as const;

export type PartName = (typeof partNames)[number];

/** Whether a part is computed once for a picture or at every evaluation. */
export function timesOf(part: PartName): 'picture' | 'evaluation' {
  return part === 'restorer' || part === 'known' ? 'picture' : 'evaluation';
}

/** The parts that a pack has: a fusion network that is in one piece knows nothing beforehand. */
export function partsOf({ fusion }: Pack): PartName[] {
  return partNames.filter((part) => part !== 'known' || fusion.network.split !== undefined);
}

/** The module that a part belongs to. */
export function moduleOf(pack: Pack, part: PartName): PackModule {
  return pack[part === 'known' ? 'fusion' : part];
}

/** What messages call the network of a part. */
export function networkOf(pack: Pack, part: PartName): string {
  return nameOf(moduleOf(pack, part));
}

/** The graph of a part for a tile; `undefined` for ONNX files, which have none here. */
export function partGraph(
  pack: Pack,
  part: PartName,
  height: number,
  width: number,
): Value | undefined {
  const module = moduleOf(pack, part);
  if (isOnnx(module)) return undefined;
  if (part !== 'denoiser') {
    const kind = ({ restorer: 'restore', known: 'precompute', fusion: 'fuse' } as const)[part];
    return moduleGraph(pack, kind, height, width).output;
  }
  const { network, config } = module;
  const noisy = input('noisy', [1, 3, height, width]);
  const sigma = input('sigma', [1, 1, 1, 1]);
  return buildDenoiser(network, config, new ParameterScope(), noisy, sigma);
}
