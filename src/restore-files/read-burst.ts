import { openProtocolBurst, protocolBurstContent } from '../datasets/bursts/stored-burst.js';
import type { DecodeLimits } from '../images/source.js';
import { openBurst, type RawBurst } from '../raw/burst.js';
import { type BurstContent, burstContent } from '../raw/burst-files.js';

/** A folder of a data set is a burst as its protocol has it. */
export async function readBurst(
  inputs: readonly string[],
  reference: number | string | undefined,
  { maxPixels, maxBytes, maxFrames }: DecodeLimits = {},
): Promise<RawBurst> {
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
  const [first, ...more] = inputs;
  const known = more.length === 0 ? await protocolBurstContent(first!) : undefined;
  return known ?? burstContent(inputs);
}
