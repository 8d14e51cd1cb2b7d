import { z } from 'zod';
import { ModelError } from '../../utils/errors.js';
import type { OnnxFile, OnnxValue } from './decode-onnx.js';

/** An ONNX file with its contract: a restoration network or denoiser made by anyone. */
export interface OnnxModule {
  readonly file: OnnxFile;
  readonly contract: OnnxContract;
}

/** The inputs of a file by what they are for. */
interface OnnxInputs {
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
  const { image, noise } = imageAndNoiseInputs(file);
  const { layout, elementType, size } = contract;
  for (const { name, elementType: found } of [image, file.output])
    requireEqual(file, `element type of ${name}`, elementType, found);
  const channels = contract.noise.kind === 'channel' ? 4 : 3;
  const [channelAxis, rowAxis] = layout === 'nchw' ? [1, 2] : [3, 1];
  const found = image.axes[channelAxis];
  if (typeof found === 'number') requireEqual(file, `channels (${layout})`, channels, found);
  const batch = image.axes[0];
  if (typeof batch === 'number') requireEqual(file, 'images at once', 1, batch);
  const kind = noise === undefined ? 'none or channel' : noiseInputKind(noise.axes);
  if (!(noise === undefined ? ['none', 'channel'] : kind).includes(contract.noise.kind))
    throw new ModelError(
      file.name,
      `its contract has a noise input of kind ${contract.noise.kind}, the file ${noise === undefined ? 'takes the image alone' : `has ${noise.name} [${noise.axes.join(', ')}]`}`,
    );
  [image.axes[rowAxis]!, image.axes[rowAxis + 1]!].forEach((axis, index) => {
    if (typeof axis === 'number')
      requireEqual(file, ['height', 'width'][index]!, size.fixed?.[index] ?? 'dynamic', axis);
  });
  return { file, contract };
}

/**
 * Which input is the image and which the noise level.
 * @throws ModelError where there are others, or none of four axes.
 */
export function imageAndNoiseInputs(file: OnnxFile): OnnxInputs {
  const listed = file.inputs
    .map(({ name, elementType, axes }) => `${name}: ${elementType} [${axes?.join(', ')}]`)
    .join('; ');
  const images = file.inputs.filter(({ axes }) => axes?.length === 4);
  const image = images.find(({ axes }) => !isNoiseShape(axes!)) ?? images[0];
  if (image === undefined || file.inputs.length > 2)
    throw new ModelError(
      file.name,
      `expected an input of four axes, the image, and at most one more, the noise level; received ${listed}`,
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

/** Axes of a noise level beside an image: one channel, first or last. */
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

const extent = z.int().min(1).max(65536);
/** What a noise level in [0, 1] units is multiplied with before the network sees it. */
const times = z.literal([1, 2, 255]);

const fields = {
  role: z.enum(['restorer', 'denoiser']),
  /** Output height over input height. */
  scale: z.int().min(1).max(16),
  /** Values of black and white, of input and output alike. */
  range: z.union([
    z.tuple([z.literal(0), z.literal(1)]),
    z.tuple([z.literal(0), z.literal(255)]),
    z.tuple([z.literal(-1), z.literal(1)]),
  ]),
  order: z.enum(['rgb', 'bgr']),
  layout: z.enum(['nchw', 'nhwc']),
  elementType: z.enum(['float32', 'float16']),
  /**
   * How a denoiser learns the noise level: not at all, as a constant fourth channel of the
   * image, as a second input of one number, or as a second input of one channel.
   */
  noise: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('channel'), times }),
    z.strictObject({ kind: z.literal('scalar'), times }),
    z.strictObject({ kind: z.literal('map'), times }),
  ]),
  /** What the output is: the image, or the noise to be taken off the input. */
  output: z.enum(['image', 'noise']),
  size: z.strictObject({
    /** Height and width are padded to a multiple of this. */
    multiple: extent,
    /** Height and width are padded to at least this. */
    minimum: extent,
    /** The only height and width, where there is one. */
    fixed: z.tuple([extent, extent]).optional(),
  }),
  /**
   * Pixels of input on each side that one output pixel depends on, where tiles with that margin
   * give the very pixels of the whole. Nothing finds it out: leave it away where it is not known.
   */
  radius: z.int().min(0).max(4096).optional(),
};

/** How an image-to-image ONNX file wants its images and gives its result. */
export const onnxContractSchema = z
  .strictObject(fields)
  .superRefine(({ role, scale, noise, output }, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (role === 'denoiser' && scale !== 1) refuse('scale', `expected 1 for a denoiser`);
    if (role === 'restorer' && noise.kind !== 'none')
      refuse('noise', 'expected kind none for a restorer');
    if (output === 'noise' && scale !== 1) refuse('output', 'expected image where scale is not 1');
  });

/** The part of a contract that somebody states; the rest is found out. */
const onnxStatementSchema = z.strictObject(fields).partial();

export type OnnxContract = z.infer<typeof onnxContractSchema>;
export type OnnxStatement = z.infer<typeof onnxStatementSchema>;

/**
 * A stated contract, checked entry by entry; it may be incomplete.
 * @param name what messages call its file.
 * @throws ModelError that names the first entry at fault.
 */
export function parseStatement(json: unknown, name: string): OnnxStatement {
  const result = onnxStatementSchema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new ModelError(name, `${path.join('.') || 'the contract'}: ${message}`);
}

/** `a value = white * x + black` of an x in [0, 1]. */
export function rangeFactors([black, white]: OnnxContract['range']): {
  readonly factor: number;
  readonly offset: number;
} {
  return { factor: white - black, offset: black };
}
