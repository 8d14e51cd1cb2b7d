import { ModelError } from '../../tensor/errors.js';
import { type OnnxContract, onnxContractSchema } from './contract.js';
import type { OnnxFile, OnnxValue } from './index.js';

/** An ONNX file with its contract: a restoration network or denoiser made by anyone. */
export interface OnnxModule {
  readonly file: OnnxFile;
  readonly contract: OnnxContract;
}

/** The inputs of a file by what they are for. */
export interface OnnxInputs {
  readonly image: OnnxValue & { readonly axes: readonly (number | string)[] };
  /** A second input, for the noise level. */
  readonly noise?: OnnxValue & { readonly axes: readonly (number | string)[] };
}

/**
 * A module of a file and a contract that fits it.
 * @throws ModelError that names what of the contract the file contradicts.
 */
export function defineOnnxModule(file: OnnxFile, stated: unknown): OnnxModule {
  const result = onnxContractSchema.safeParse(stated);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new ModelError(file.name, `contract.${path.join('.')}: ${message}`);
  }
  const contract = result.data;
  const { image, noise } = inputsOf(file);
  const { layout, elementType, size } = contract;
  for (const { name, elementType: found } of [image, file.output])
    requireEqual(file, `element type of ${name}`, elementType, found);
  const channels = contract.noise.kind === 'channel' ? 4 : 3;
  const [channelAxis, rowAxis] = layout === 'nchw' ? [1, 2] : [3, 1];
  const found = image.axes[channelAxis];
  if (typeof found === 'number') requireEqual(file, `channels (${layout})`, channels, found);
  const batch = image.axes[0];
  if (typeof batch === 'number') requireEqual(file, 'pictures at once', 1, batch);
  const kind = noise === undefined ? 'none or channel' : noiseInputKind(noise.axes);
  if (!(noise === undefined ? ['none', 'channel'] : kind).includes(contract.noise.kind))
    throw new ModelError(
      file.name,
      `its contract has a noise input of kind ${contract.noise.kind}, the file ${noise === undefined ? 'takes the picture alone' : `has ${noise.name} [${noise.axes.join(', ')}]`}`,
    );
  [image.axes[rowAxis]!, image.axes[rowAxis + 1]!].forEach((axis, index) => {
    if (typeof axis === 'number')
      requireEqual(file, ['height', 'width'][index]!, size.fixed?.[index] ?? 'dynamic', axis);
  });
  return { file, contract };
}

/**
 * Which input is the picture and which the noise level.
 * @throws ModelError where there are others, or none of four axes.
 */
export function inputsOf(file: OnnxFile): OnnxInputs {
  const listed = file.inputs
    .map(({ name, elementType, axes }) => `${name}: ${elementType} [${axes?.join(', ')}]`)
    .join('; ');
  const pictures = file.inputs.filter(({ axes }) => axes?.length === 4);
  const image = pictures.find(({ axes }) => !isNoiseShape(axes!)) ?? pictures[0];
  if (image === undefined || file.inputs.length > 2)
    throw new ModelError(
      file.name,
      `expected an input of four axes, the picture, and at most one more, the noise level; received ${listed}`,
    );
  const noise = file.inputs.find((value) => value !== image);
  const known = { image: image as OnnxInputs['image'] };
  return noise === undefined ? known : { ...known, noise: noise as OnnxInputs['image'] };
}

/** What a second input of these axes may be: one number, a map, or either. */
export function noiseInputKind(axes: readonly (number | string)[]): ('scalar' | 'map')[] {
  if (axes.length !== 4) return ['scalar'];
  const spatial = axes[1] === 1 ? [axes[2]!, axes[3]!] : [axes[1]!, axes[2]!];
  if (spatial.every((axis) => axis === 1)) return ['scalar'];
  return spatial.some((axis) => typeof axis === 'number') ? ['map'] : ['map', 'scalar'];
}

/** Axes of a noise level beside a picture: one channel, first or last. */
function isNoiseShape(axes: readonly (number | string)[]): boolean {
  return axes[1] === 1 || axes[3] === 1;
}

function requireEqual<Value>(file: OnnxFile, what: string, expected: Value, found: Value): void {
  if (expected === found) return;
  throw new ModelError(
    file.name,
    `the ${what} is ${found} in the file, but ${expected} in its contract`,
    { expected: String(found), received: String(expected) },
  );
}
