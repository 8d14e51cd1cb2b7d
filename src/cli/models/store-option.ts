import { z } from 'zod';
import { storeFolder } from '../../app/pull/store.js';

/** `--store`: where models are stored, with the user's own folder in its place. */
export const storeOption = z
  .string()
  .min(1)
  .optional()
  .transform((folder) => folder ?? storeFolder());

export const STORE_FLAG = '--store <folder>';
export const STORE_HELP =
  "where models are stored (default: $DP_IR_HOME/models or the user's data)";
