import { z } from 'zod';
import { ModelError } from '../../tensor/errors.js';

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
   * picture, as a second input of one number, or as a second input of one channel.
   */
  noise: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('channel'), times }),
    z.strictObject({ kind: z.literal('scalar'), times }),
    z.strictObject({ kind: z.literal('map'), times }),
  ]),
  /** What the output is: the picture, or the noise to be taken off the input. */
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

/** How an image-to-image ONNX file wants its pictures and gives its result. */
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
export const onnxStatementSchema = z.strictObject(fields).partial();

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
