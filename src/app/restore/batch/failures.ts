import type { DpirError } from '../../../tensor/errors.js';

/**
 * Whether a failure is that of one image, so that the others are worth trying: of its file, its
 * result or a limit, or the death of the process that worked on it. What else goes wrong is of the
 * call, the model or the device, unless other images went through with these before.
 */
export function isOfImage(error: DpirError, othersWentThrough: boolean): boolean {
  if (error.kind === 'cancelled') return false;
  if (['input', 'output', 'limit'].includes(error.kind)) return true;
  const isDeath =
    error.kind === 'engine' && /^(exited with|was ended by) /.test(error.received ?? '');
  return isDeath || othersWentThrough;
}
