import { ParameterError } from '../utils/errors.js';
import { checkSchema } from '../utils/schema.js';
import { kernelBlur } from './blur/kernel-blur.js';
import { motionBlur } from './blur/motion-blur.js';
import { type Degradation, seedAt } from './degradation.js';
import { downscale } from './downscale.js';
import { jpeg } from './jpeg.js';
import { noise } from './noise.js';
import { type DegradationSettings, degradationSchema } from './settings.js';

/**
 * The degradation that settings describe, see `degradationSchema`.
 * @throws ParameterError that names the first entry at fault.
 */
export function createDegradation(settings: unknown): Degradation {
  const checked = checkSchema(degradationSchema, settings);
  if ('data' in checked) return build(checked.data);
  const [{ path, expected, received }] = checked.misfits;
  const isKind = path.at(-1) === 'kind';
  throw new ParameterError(
    ['degradation', ...path].join('.'),
    isKind ? `one of ${kinds.join(', ')}` : expected,
    received,
  );
}

function build(settings: DegradationSettings): Degradation {
  switch (settings.kind) {
    case 'bicubic':
      return downscale({ ...settings, method: 'bicubic' });
    case 'downscale':
      return downscale(settings);
    case 'motion-blur':
      return motionBlur(settings);
    case 'kernel-blur':
      return kernelBlur(settings);
    case 'noise':
      return noise(settings);
    case 'jpeg':
      return jpeg(settings);
    case 'sequence':
      return sequence(settings.steps.map(build));
  }
}

const kinds = degradationSchema.options.map(({ shape }) => shape.kind.value);

// Purposes of seeds below this belong to the degradations themselves.
const firstPurpose = 1024;

/** Several degradations one after the other, each with separate random numbers. */
export function sequence(steps: readonly Degradation[]): Degradation {
  let scale = 1;
  let margin = 0;
  for (const step of steps) {
    margin += step.margin * scale;
    scale *= step.scale;
  }
  return {
    name: steps.map(({ name }) => name).join(', then '),
    scale,
    // Whole output pixels where there are such.
    margin: Number.isInteger(scale) ? Math.ceil(margin / scale) * scale : Math.ceil(margin),
    apply: (image, key) =>
      steps.reduce((current, step, at) => {
        const seed = seedAt(key, firstPurpose + at);
        return step.apply(current, { seed, index: key.index });
      }, image),
  };
}
