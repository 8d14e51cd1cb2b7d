import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError } from '../tensor/errors.js';

/** @throws CancelledError where the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError();
}

/**
 * Lets messages and timers that came in while the event loop was blocked be handled.
 * @throws CancelledError where the signal is, or was thereby, aborted.
 */
export async function checkpoint(signal: AbortSignal | undefined): Promise<void> {
  // One turn reads what has arrived, the next one hands it to its listeners.
  await nextTurn();
  await nextTurn();
  throwIfCancelled(signal);
}
