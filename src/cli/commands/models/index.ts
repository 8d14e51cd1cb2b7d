import type { CliCommand } from '../../command.js';
import { command as exportCommand } from './export.js';
import { command as importCommand } from './import.js';
import { command as inspect } from './inspect.js';
import { command as list } from './list.js';
import { command as pack } from './pack.js';
import { command as pull } from './pull.js';
import { command as verify } from './verify.js';

/** Everything about weights on disk. */
export const command: CliCommand = {
  name: 'models',
  configure: (command) =>
    command.description('work with packs, their modules and published weights'),
  subcommands: [list, inspect, importCommand, exportCommand, pull, verify, pack],
};
