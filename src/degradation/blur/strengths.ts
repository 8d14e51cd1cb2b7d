import type { MotionBlurSettings, ObjectMotion, Range } from '../settings.js';

/** How much moves during an exposure. */
export interface BlurLaw {
  /** Length of the camera's way in pixels. */
  readonly path: Range;
  /** Largest swing in degrees. */
  readonly rotation: number;
  readonly objects: ObjectMotion | false;
}

const size = { minimum: 0.3, maximum: 0.8 };

/**
 * What the strengths mean: the length of the camera's way in pixels (on average 5, 18 and 42), its
 * swing in degrees and the objects that move on their own. Medium is about what hand-held video of
 * 720 lines shows.
 */
export const blurStrengths: Readonly<Record<MotionBlurSettings['strength'], BlurLaw>> = {
  light: {
    path: { minimum: 2, maximum: 8 },
    rotation: 0.1,
    objects: { count: { minimum: 0, maximum: 1 }, path: { minimum: 1, maximum: 4 }, size },
  },
  medium: {
    path: { minimum: 6, maximum: 30 },
    rotation: 0.3,
    objects: { count: { minimum: 0, maximum: 2 }, path: { minimum: 2, maximum: 12 }, size },
  },
  strong: {
    path: { minimum: 24, maximum: 60 },
    rotation: 0.6,
    objects: { count: { minimum: 0, maximum: 3 }, path: { minimum: 6, maximum: 30 }, size },
  },
};

/** The strength of the settings with the entries that they give themselves. */
export function blurLaw({ strength, path, rotation, objects }: MotionBlurSettings): BlurLaw {
  const preset = blurStrengths[strength];
  return {
    path: path ?? preset.path,
    rotation: rotation ?? preset.rotation,
    objects: objects ?? preset.objects,
  };
}
