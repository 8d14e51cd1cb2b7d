import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { EngineError } from '../utils/errors.js';
import { listDevices, probeModel, requireDevice } from './devices.js';
import { createLocalRunner } from './local-runner.js';
import { doubling, unsupportedByWebGpu } from './testing/models.js';

test('the CPU comes first and belongs to the package', async () => {
  expect((await listDevices())[0]).toEqual({ name: 'cpu', bundled: true });
});

test('names are taken in any case', async () => {
  expect(await requireDevice(' CPU ')).toBe('cpu');
});

test('a device that does not exist is refused with a list of those that do', async () => {
  const error = await createLocalRunner({ device: 'abacus' }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(EngineError);
  expect(error).toMatchObject({
    code: 'device-unknown',
    details: { received: 'abacus', expected: expect.stringMatching(/^cpu, /) },
  });
});

test('a device of another platform does not exist', async () => {
  const foreign = process.platform === 'win32' ? 'coreml' : 'DirectML';
  await expect(requireDevice(foreign)).rejects.toMatchObject({ code: 'device-unknown' });
});

// Every device either does work or is refused; none quietly becomes the CPU.
test('a listed device starts or is refused with what the runtime said', async () => {
  for (const { name } of await listDevices()) {
    const started = await requireDevice(name).catch((thrown) => thrown);
    if (started === name) continue;
    expect(started).toBeInstanceOf(EngineError);
    expect(started).toMatchObject({ code: 'device-failed', details: { received: name } });
    expect(started.cause).toBeInstanceOf(Error);
  }
});

test('the probe is one addition', () => {
  const { graph } = fromBinary(ModelProtoSchema, probeModel);
  expect(graph?.node.map((node) => [node.opType, node.input, node.output])).toEqual([
    ['Add', ['x', 'x'], ['y']],
  ]);
});

const deviceUnderTest = process.env.DPIR_TEST_DEVICE;

test.skipIf(deviceUnderTest === undefined)('the device under test computes', async () => {
  const runner = await createLocalRunner({ device: deviceUnderTest! });
  expect(runner.device.effective).toBe(deviceUnderTest);
  const graph = await runner.compile('double', () => doubling([3]));
  const { y } = await graph.run({ x: tensor([3], [1, 2, 3]) });
  expect([...y!.data]).toEqual([2, 4, 6]);
  await runner.dispose();
});

test.skipIf(deviceUnderTest === undefined)(
  'operators that the device lacks are refused, or reported where allowed',
  async () => {
    const strict = await createLocalRunner({ device: deviceUnderTest! });
    await expect(strict.compile('lacks', unsupportedByWebGpu)).rejects.toMatchObject({
      code: 'operator-unsupported',
    });
    await strict.dispose();
    const lenient = await createLocalRunner({ device: deviceUnderTest!, allowCpuOperators: true });
    const graph = await lenient.compile('lacks', unsupportedByWebGpu);
    expect(lenient.device.effective).toBe(`${deviceUnderTest}+cpu`);
    const { y } = await graph.run({ x: tensor([1], [0.5]) });
    expect(y!.data[0]).toBeCloseTo(1.5);
    await lenient.dispose();
  },
);
