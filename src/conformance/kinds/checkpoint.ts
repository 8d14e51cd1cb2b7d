import type { Kind } from '../kind.js';

/** State dictionaries in the forms that people publish. */
export const checkpoint: Kind = {
  name: 'checkpoint',
  recognises: (candidate) => candidate.checkpoint !== undefined,
  run: async () => ({ skip: 'this package does not read .pth checkpoints yet' }),
};
