import type { CliCommand } from '../command.js';

/** Every command of `dp-ir`, in the order in which help lists them. */
export const commands: readonly CliCommand[] = [];
