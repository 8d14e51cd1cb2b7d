import type { ParameterScope, Value } from '../../graph/index.js';
import type { Network } from '../../networks/network.js';
import { ParameterError } from '../../tensor/errors.js';
import type { Restored } from './task.js';

/**
 * What a network makes of bursts [N, F, 4, h, w], with the flow it finds where it tells that.
 * @throws ParameterError where it takes something else, or another number of frames.
 */
export function buildBurstRestorer(
  {
    network,
    config,
    scale,
  }: { readonly network: Network; readonly config: unknown; readonly scale: number },
  scope: ParameterScope,
  burst: Value,
): Restored {
  const [batch, frames, , height, width] = burst.shape as [number, number, number, number, number];
  const fitted = network.withFrames?.(config, frames) ?? config;
  const [taken, ...others] = network.inputShapes(fitted, { batch, height, width });
  if (taken?.length !== 5 || others.length > 0)
    throw new ParameterError('network', 'one that restores bursts of RAW frames', network.name);
  if (taken[1] !== frames)
    throw new ParameterError('burst.frames', `the network's own ${taken[1]}`, frames);
  if (String(taken) !== String(burst.shape))
    throw new ParameterError('network', 'one of packed RGGB frames', network.name);
  // Of the packed frames, which have half the mosaic's size.
  const own = network.scale(fitted) / 2;
  if (own !== scale) throw new ParameterError('scale', `the network's own ${own}`, scale);
  if (network.buildWithFlow === undefined || frames === 1)
    return { estimate: network.build(fitted, scope, [burst]) };
  const { output, flows } = network.buildWithFlow(fitted, scope, [burst]);
  return { estimate: output, further: { flows } };
}
