import { EngineError } from '../../utils/errors.js';
import { type CliCommand, exitCodes } from '../command.js';

/** One device as `dp-ir devices --json` prints it. */
interface DeviceLine {
  readonly name: string;
  /** Whether its library is part of the package. */
  readonly bundled: boolean;
  /** Whether a small graph ran on it just now. */
  readonly usable: boolean;
  readonly reason?: string;
}

/** Lists the devices of this platform and tries each of them. */
export const command: CliCommand = {
  name: 'devices',
  run: async ({ report }) => {
    const { listDevices, requireDevice } = await import('../../engine/devices.js');
    for (const device of await listDevices()) {
      const line: DeviceLine = { ...device, ...(await tried(device.name, requireDevice)) };
      const verdict = line.usable ? 'works' : `does not work: ${line.reason}`;
      report.result(line, `${line.name.padEnd(10)} ${verdict}`);
    }
    return exitCodes.done;
  },
};

async function tried(
  name: string,
  requireDevice: (name: string) => Promise<string>,
): Promise<Pick<DeviceLine, 'usable' | 'reason'>> {
  try {
    await requireDevice(name);
    return { usable: true };
  } catch (error) {
    if (error instanceof EngineError) return { usable: false, reason: error.message };
    throw error;
  }
}
