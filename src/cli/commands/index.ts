import type { CliCommand } from '../command.js';
import { command as cost } from './cost.js';
import { command as data } from './data/index.js';
import { command as demo } from './demo.js';
import { command as devices } from './devices.js';
import { command as evaluate } from './evaluate.js';
import { command as metrics } from './metrics/index.js';
import { command as models } from './models/index.js';
import { command as restore } from './restore.js';
import { command as train } from './train.js';
import { command as trajectory } from './trajectory.js';

/** Every command of `dp-ir`, in the order in which help lists them. */
export const commands: readonly CliCommand[] = [
  restore,
  demo,
  train,
  trajectory,
  evaluate,
  metrics,
  cost,
  data,
  models,
  devices,
];
