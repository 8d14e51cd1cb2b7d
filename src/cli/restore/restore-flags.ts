import type { Flags } from '../flags.js';

/** Options of restorations that the command line gives another name. */
export const chainFlags: Flags = { pack: '--model' };

/** What `dp-ir restore` calls the options of restorations that have another name there. */
export const restoreFlags: Flags = {
  ...chainFlags,
  'limits.maxPixels': '--max-input-pixels',
  'limits.maxBytes': '--max-bytes',
  'limits.maxChannels': '--max-channels',
  'limits.maxFrames': '--max-frames',
};
