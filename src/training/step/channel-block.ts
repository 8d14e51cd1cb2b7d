import type { GraphRunner } from '../../graph/graph-runner.js';
import { findChannelBlock } from '../../graph/index.js';
import type { Tensor } from '../../tensor/tensor.js';

/**
 * Channels that a runner's processor keeps together, for `buildTrainingStep`; undefined where it
 * has no such operators. On another device some of them would be left to the processor.
 */
export async function channelBlock(runner: GraphRunner): Promise<number | undefined> {
  if (runner.device.effective !== 'cpu') return undefined;
  return findChannelBlock(async (bytes, feeds) => {
    const compiled = await runner.compile('channel block', () => bytes);
    return (await compiled.run(feeds)) as Record<string, Tensor>;
  });
}
