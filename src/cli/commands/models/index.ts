import type { CliCommand } from '../../command.js';
import { command as pack } from './pack.js';

/** Everything about weights on disk. */
export const command: CliCommand = {
  name: 'models',
  configure: (command) => command.description('work with packs and their modules'),
  subcommands: [pack],
};
