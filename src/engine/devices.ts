import { totalmem } from 'node:os';
import { EngineError } from '../utils/errors.js';
import { MEMORY_SHARE } from '../utils/limits.js';
import { loadRuntime, type Runtime, sessionOptions, textOf } from './runtime.js';

/** A device that the runtime knows on this platform. */
export interface DeviceInfo {
  readonly name: string;
  /** Whether its library is part of the package; others are found on the machine or not at all. */
  readonly bundled: boolean;
}

const aliases: Readonly<Record<string, string>> = {
  directml: 'dml',
  'core-ml': 'coreml',
  'web-gpu': 'webgpu',
};

/**
 * y = x + x over one float32, as ONNX (opset 17): enough to see whether a device works.
 */
export const probeModel: Uint8Array = Uint8Array.from(
  Buffer.from(
    'CAg6OAoOCgF4CgF4EgF5IgNBZGQSBHRlc3RaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgQKABAR',
    'base64',
  ),
);

/**
 * The devices that the runtime supports on this platform, `cpu` first. Hardware and drivers may still
 * be missing; `requireDevice` checks that.
 * @example
 * const [first] = await listDevices();
 * console.log(first?.name); // cpu
 */
export async function listDevices(): Promise<DeviceInfo[]> {
  return devicesOf(await loadRuntime());
}

/**
 * The runtime's name of a device that works: a tiny graph ran on it without falling back to the CPU.
 * @throws EngineError with the code `device-unknown`, naming the devices of this platform, or
 * `device-failed`, with the runtime's message.
 */
export async function requireDevice(requested: string): Promise<string> {
  const runtime = await loadRuntime();
  const lower = requested.trim().toLowerCase();
  const name = aliases[lower] ?? lower;
  const known = devicesOf(runtime).map((device) => device.name);
  if (!known.includes(name))
    throw new EngineError(
      'device',
      `${JSON.stringify(requested)} does not exist on this platform; available: ${known.join(', ')}`,
      { code: 'device-unknown', expected: known.join(', '), received: requested },
    );
  if (name !== 'cpu') await probe(runtime, name);
  return name;
}

function devicesOf(runtime: Runtime): DeviceInfo[] {
  return runtime.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
}

async function probe(runtime: Runtime, name: string): Promise<void> {
  const { logLevel } = runtime.env;
  // Failures arrive as exceptions.
  runtime.env.logLevel = 'fatal';
  try {
    const session = await runtime.InferenceSession.create(
      probeModel,
      sessionOptions(name, {
        threads: 1,
        keepMemory: false,
        planMemory: true,
        busyWait: false,
        allowCpuOperators: false,
      }),
    );
    await session.run({ x: new runtime.Tensor('float32', Float32Array.of(1), [1]) });
    await session.release();
  } catch (error) {
    throw new EngineError(
      'device',
      `${name} does not start on this machine; cpu does. ONNX Runtime: ${textOf(error)}`,
      { code: 'device-failed', received: name, cause: error },
    );
  } finally {
    if (logLevel !== undefined) runtime.env.logLevel = logLevel;
  }
}

/** Default bytes that a restoration may take: three quarters of the memory of the machine or container. */
export function defaultMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  const total = totalmem();
  return Math.floor(MEMORY_SHARE * (constrained > 0 ? Math.min(constrained, total) : total));
}
