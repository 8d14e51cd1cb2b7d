import { homedir } from 'node:os';
import { join } from 'node:path';

/** What tells where a user's data lies. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/**
 * The folder that pulled models are stored in: `models` in `$DP_IR_HOME`, otherwise in `dp-ir` in
 * the folder that the platform has for a user's data.
 */
export function storeFolder(
  { environment, platform, home }: Surroundings = {
    environment: process.env,
    platform: process.platform,
    home: homedir(),
  },
): string {
  const own = environment.DP_IR_HOME;
  if (own !== undefined && own !== '') return join(own, 'models');
  return join(dataFolder(environment, platform, home), 'dp-ir', 'models');
}

function dataFolder(
  environment: Surroundings['environment'],
  platform: NodeJS.Platform,
  home: string,
): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (platform === 'win32') return environment.LOCALAPPDATA || join(home, 'AppData', 'Local');
  return environment.XDG_DATA_HOME || join(home, '.local', 'share');
}
