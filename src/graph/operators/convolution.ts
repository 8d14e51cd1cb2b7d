import { ParameterError } from '../../tensor/errors.js';
import type { ValueType } from '../value.js';

/** Rows and columns added at [top, left, bottom, right]. */
export type Margins = readonly [number, number, number, number];

/** Geometry of a 2-D convolution. */
export interface ConvolutionGeometry {
  readonly stride: number;
  readonly padding: Margins;
  readonly dilation: number;
  readonly groups: number;
}

/** Options of `conv2d`; one number of padding serves all four sides. */
export interface ConvolutionOptions {
  readonly stride?: number;
  readonly padding?: number | Margins;
  readonly dilation?: number;
  readonly groups?: number;
}

/**
 * Options with every default filled in.
 * @throws ParameterError where one is not an integer or below its least value.
 */
export function resolveGeometry(
  operator: string,
  options: ConvolutionOptions,
): ConvolutionGeometry {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const margins: Margins =
    typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
  for (const [option, value] of Object.entries({ stride, dilation, groups }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new ParameterError(`${operator} ${option}`, 'a positive integer', value);
  if (margins.length !== 4 || margins.some((margin) => !(Number.isInteger(margin) && margin >= 0)))
    throw new ParameterError(
      `${operator} padding`,
      '[top, left, bottom, right], each >= 0',
      margins,
    );
  return { stride, padding: margins, dilation, groups };
}

/** Extent of a convolution's result along one axis. */
export function convolvedExtent(
  extent: number,
  kernel: number,
  margins: number,
  { stride, dilation }: ConvolutionGeometry,
): number {
  return Math.floor((extent + margins - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** @throws ParameterError where a bias is there and has not one entry per channel. */
export function requireBias(operator: string, bias: ValueType | undefined, channels: number): void {
  if (bias !== undefined && bias.shape.join() !== `${channels}`)
    throw new ParameterError(`${operator} bias`, `shape [${channels}]`, bias.shape);
}
