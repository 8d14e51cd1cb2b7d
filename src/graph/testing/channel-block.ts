import { findChannelBlock } from '../lowering/lower.js';
import { runModel } from './evaluate.js';

/** Channels of a block on this processor; undefined where the runtime has no blocked operators. */
export const blockHere = await findChannelBlock(runModel);
