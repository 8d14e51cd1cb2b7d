import { homedir } from 'node:os';
import { join } from 'node:path';
import { ParameterError } from '../../tensor/errors.js';

/** What tells where a user's data lies. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** The user's home folder; asked for only where nothing else says where data lies. */
  readonly home: string;
}

/**
 * The folder that pulled models are stored in: `models` in `$DP_IR_HOME`, otherwise in `dp-ir` in
 * the folder that the platform has for a user's data.
 * @throws ParameterError where none of these is known.
 */
export function storeFolder(
  surroundings: Surroundings = {
    environment: process.env,
    platform: process.platform,
    get home() {
      return homeFolder();
    },
  },
): string {
  const { environment } = surroundings;
  const own = environment.DP_IR_HOME;
  if (own !== undefined && own !== '') return join(own, 'models');
  return join(dataFolder(surroundings), 'dp-ir', 'models');
}

function dataFolder(from: Surroundings): string {
  const { environment, platform } = from;
  if (platform === 'darwin') return join(from.home, 'Library', 'Application Support');
  if (platform === 'win32') return environment.LOCALAPPDATA || join(from.home, 'AppData', 'Local');
  return environment.XDG_DATA_HOME || join(from.home, '.local', 'share');
}

function homeFolder(): string {
  try {
    return homedir();
  } catch {
    throw new ParameterError('DP_IR_HOME', 'a folder, since this user has no home', undefined);
  }
}
