import type { CliCommand } from '../command.js';
import { command as check } from './data-check.js';
import { command as make } from './data-make.js';

/** Everything about data sets on disk. */
export const command: CliCommand = {
  name: 'data',
  subcommands: [check, make],
};
