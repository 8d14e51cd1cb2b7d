import type { CliCommand } from '../command.js';
import { command as devices } from './devices.js';

/** Every command of `dp-ir`, in the order in which help lists them. */
export const commands: readonly CliCommand[] = [devices];
