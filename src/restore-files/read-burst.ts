import type { DecodeLimits } from '../images/source.js';
import type { RawBurst } from '../raw/burst.js';
import type { BurstContent } from '../raw/burst-files.js';

/**
 * Reads the frames of a burst; a folder of a data set is read as its protocol defines it. Readers of
 * RAW files load when there is a burst.
 */
export async function readBurst(
  inputs: readonly string[],
  reference: number | string | undefined,
  { maxPixels, maxBytes, maxFrames }: DecodeLimits = {},
): Promise<RawBurst> {
  const { openProtocolBurst } = await import('../datasets/bursts/stored-burst.js');
  const { openBurst } = await import('../raw/burst.js');
  const [first, ...more] = inputs;
  const known = more.length === 0 && (await openProtocolBurst(first!, reference));
  if (known) return known;
  return openBurst(inputs, {
    ...(reference !== undefined && { reference }),
    ...(maxFrames !== undefined && { maxFrames }),
    limits: {
      ...(maxPixels !== undefined && { maxPixels }),
      ...(maxBytes !== undefined && { maxBytes }),
    },
  });
}

/** The files of what `readBurst` reads, and which of them are frames, in their order. */
export async function contentOfBurst(inputs: readonly string[]): Promise<BurstContent> {
  const { protocolBurstContent } = await import('../datasets/bursts/stored-burst.js');
  const { burstContent } = await import('../raw/burst-files.js');
  const [first, ...more] = inputs;
  const known = more.length === 0 ? await protocolBurstContent(first!) : undefined;
  return known ?? burstContent(inputs);
}
