import { z } from 'zod';

/** A number and the range of that number alone, or a range to draw from. */
export interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

function rangeSchema(number: z.ZodNumber) {
  const range = z
    .strictObject({ minimum: number, maximum: number })
    .refine(({ minimum, maximum }) => minimum <= maximum, {
      message: 'a minimum that is not above the maximum',
    });
  return z.union([number.transform((value): Range => ({ minimum: value, maximum: value })), range]);
}

const roundSchema = z.boolean().default(true);

/**
 * The values that are averaged: linear light behind the sRGB curve, behind the camera's tone curve
 * and gamma, or the display values themselves.
 */
const lightSchema = z.enum(['srgb', 'camera', 'display']).default('srgb');

const levelSchema = rangeSchema(z.number().min(0).max(1));
const pixelsSchema = rangeSchema(z.number().min(0).max(512));
const countSchema = rangeSchema(z.int().min(0).max(16));

const bicubicSchema = z.strictObject({
  kind: z.literal('bicubic'),
  scale: z.int().min(1).max(16).default(4),
  /** Whether the result is clamped and rounded to 8 bits. */
  round: roundSchema,
});

const downscaleSchema = z.strictObject({
  kind: z.literal('downscale'),
  /** Input pixels per output pixel, whole or not. */
  scale: z.number().min(1).max(64),
  /** Bicubic and area average what an output pixel covers, the others do not. */
  method: z.enum(['bicubic', 'area', 'bilinear', 'nearest']).default('bicubic'),
  round: roundSchema,
});

const objectsSchema = z.strictObject({
  /** How many regions move independently. */
  count: countSchema,
  /** Length of their way relative to the scene in pixels. */
  path: pixelsSchema,
  /** Their diameter relative to the shorter side of the image. */
  size: rangeSchema(z.number().gt(0).max(2)).default({ minimum: 0.3, maximum: 0.8 }),
});

/** Strengths are numbers by name; see `blurStrengths`. Entries given here take precedence. */
const motionBlurSchema = z.strictObject({
  kind: z.literal('motion-blur'),
  strength: z.enum(['light', 'medium', 'strong']).default('medium'),
  /** Length of the camera's way in pixels, drawn uniformly. */
  path: pixelsSchema.optional(),
  /** Largest swing of the camera about the image's centre in degrees; it is drawn below. */
  rotation: z.number().min(0).max(10).optional(),
  /** Independently moving regions, or false for none. */
  objects: z.union([z.literal(false), objectsSchema]).optional(),
  /** For what part of an exposure a velocity lasts, drawn log-uniformly. */
  inertia: rangeSchema(z.number().gt(0).max(100)).default({ minimum: 0.15, maximum: 2 }),
  /** Mean number of jerks in an exposure. */
  impulses: z.number().min(0).max(100).default(0.5),
  /** How strongly the hand goes back to where it was, per exposure squared. */
  pull: z.number().min(0).max(1000).default(4),
  /** Part of the exposure in which the shutter opens, and again closes. */
  ramp: z.number().min(0).max(0.5).default(0.1),
  light: lightSchema,
  /** Noise of variance shot * light + read in linear light, drawn log-uniformly. */
  noise: z.strictObject({ shot: levelSchema, read: levelSchema }).optional(),
  round: roundSchema,
});

const kernelBlurSchema = z.strictObject({
  kind: z.literal('kernel-blur'),
  /** Rows of a kernel: what a bright point becomes. It is normalised to a sum of 1. */
  kernel: z.array(z.array(z.number()).min(1).max(513)).min(1).max(513),
  /** What lies on the bright point: the centre of mass, the pixel nearest to it, or the middle. */
  centre: z.enum(['mass', 'pixel', 'middle']).default('mass'),
  light: lightSchema,
  round: roundSchema,
});

const noiseSchema = z.strictObject({
  kind: z.literal('noise'),
  /** Standard deviation in [0, 1] units. */
  sigma: levelSchema,
  /** Variance per unit of signal that is added to sigma squared. */
  shot: levelSchema.default({ minimum: 0, maximum: 0 }),
  law: z.enum(['uniform', 'log-uniform']).default('uniform'),
  /** Whether the result is clamped and rounded to 8 bits. */
  round: z.boolean().default(false),
});

const jpegSchema = z.strictObject({
  kind: z.literal('jpeg'),
  quality: rangeSchema(z.int().min(1).max(100)),
  chroma: z.enum(['4:2:0', '4:4:4']).default('4:2:0'),
});

const stepSchema = z.discriminatedUnion('kind', [
  bicubicSchema,
  downscaleSchema,
  motionBlurSchema,
  kernelBlurSchema,
  noiseSchema,
  jpegSchema,
]);

const sequenceSchema = z.strictObject({
  kind: z.literal('sequence'),
  /** Applied one after the other. */
  steps: z.array(stepSchema).min(1).max(16),
});

/** What `createDegradation` makes a degradation of. */
export const degradationSchema = z.discriminatedUnion('kind', [
  ...stepSchema.options,
  sequenceSchema,
]);

export type DegradationSettings = z.infer<typeof degradationSchema>;
export type DownscaleSettings = z.infer<typeof downscaleSchema>;
export type MotionBlurSettings = z.infer<typeof motionBlurSchema>;
export type KernelBlurSettings = z.infer<typeof kernelBlurSchema>;
export type NoiseSettings = z.infer<typeof noiseSchema>;
export type JpegSettings = z.infer<typeof jpegSchema>;
export type ObjectMotion = z.infer<typeof objectsSchema>;
export type Light = z.infer<typeof lightSchema>;
