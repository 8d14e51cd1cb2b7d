/**
 * The limits and coupled constants of the package, each stated once. A limit that one file alone
 * uses and nothing is coupled with stays in that file.
 */

export const kibibyte = 2 ** 10;
export const mebibyte = 2 ** 20;
export const gibibyte = 2 ** 30;

/** Longest time of a timer in milliseconds: Node counts them in 31 bits. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** CPU threads of one operator. More threads than any machine has would only take memory. */
export const MAX_THREADS = 1024;

/** Bytes of an engine process before a job starts, with room to report how the job failed. */
export const MIN_PROCESS_BYTES = 512 * mebibyte;
