import { basename } from 'node:path';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { roundToBytes } from '../../degradation/degradation.js';
import { decodeImage } from '../../images/decode.js';
import type { ComparisonPage, PageMeasures } from '../../reports/comparison-page.js';
import type { PageFact } from '../../reports/page.js';
import type { RestoredImage } from '../../restore-files/restore.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { cropped, multipleOf } from '../../tensor/window.js';
import type { Measures } from './demo.js';

/** One version of the subject, ready for the page. */
export interface Version {
  readonly name: string;
  readonly label: string;
  readonly png: Uint8Array;
  readonly file: string;
  readonly measures?: Measures;
}

const notes: Readonly<Record<string, string>> = {
  input: 'What the program is given.',
  bicubic: 'Interpolation, for comparison.',
  restorer: 'The mean of what the image may have been: close to the target, but soft.',
  'dp-ir': 'One of the images it may have been; another seed gives another one.',
  target: 'What the input was made from.',
};

/** The page of the demo: all versions, their measures and the settings. */
export function demoPage(
  subject: Subject,
  versions: readonly Version[],
  facts: Omit<RestoredImage, 'image' | 'restored'>,
): ComparisonPage {
  const names = versions.map(({ name }) => name);
  const measured = versions.some(({ measures }) => measures !== undefined);
  return {
    title: 'DP-IR: super-resolution by 4',
    introduction: subject.history.join(' '),
    items: [
      {
        name: subject.name,
        layers: versions.map(({ name, label, png }) => ({ label, png, note: notes[name]! })),
        compare: [names.indexOf('bicubic'), names.indexOf('dp-ir')],
        facts: factsOf(subject, facts),
        ...(measured && { measures: measuresOf(versions) }),
      },
    ],
  };
}

function measuresOf(versions: readonly Version[]): PageMeasures {
  return {
    caption: 'Against the target: luma, without 4 pixels along every edge',
    columns: ['', 'PSNR in dB (higher is nearer)', 'log spectral distance in dB (lower is nearer)'],
    rows: versions.flatMap(({ label, measures }) =>
      measures === undefined
        ? []
        : [[label, measures.psnr.toFixed(2), measures.logSpectral.toFixed(2)]],
    ),
  };
}

function factsOf(
  { low }: Subject,
  {
    pack,
    settings,
    nfe,
    seed,
    device,
    seconds,
    width,
    height,
    tiles,
    beyondTraining,
  }: Omit<RestoredImage, 'image' | 'restored'>,
): readonly PageFact[] {
  return [
    { name: 'Size', value: `${sizeOf(low)} to ${width} × ${height} pixels` },
    { name: 'Pack', value: pack },
    {
      name: 'Chain',
      value:
        `${settings.steps} steps from tau ${settings.tau}, ${settings.sampler},` +
        ` ${settings.start} start${beyondTraining ? ' (tau is beyond the training)' : ''}`,
    },
    { name: 'Evaluations', value: `${nfe} (denoiser and fusion network, plus 1 for the restorer)` },
    { name: 'Seed', value: String(seed) },
    {
      name: 'Device',
      value: `${device.effective}, ${device.threads} threads, ${device.runtime}`,
    },
    { name: 'Time', value: `${seconds.toFixed(1)} s in ${tiles} tile${tiles === 1 ? '' : 's'}` },
  ];
}

/** What the demo restores. */
export interface Subject {
  readonly name: string;
  /** The low-resolution input, [3, H, W] in [0, 1]. */
  readonly low: Tensor;
  /** What an ideal restoration would give, [3, 4 H, 4 W]; absent where it is unknown. */
  readonly target?: Tensor;
  /** How input and target were made, in sentences for the page. */
  readonly history: readonly string[];
  /** ICC profile of the photograph. */
  readonly icc?: Uint8Array;
}

/** A photograph is enlarged if its long edge has at most this many pixels; larger ones are targets. */
const largestInput = 384;
const largestTarget = 1024;
const leastTargetSide = 64;

/**
 * Prepares a photograph for the demo. A small one is the input itself. A larger one
 * becomes the target: reduced to at most 1024 pixels on its long edge, cropped at the right and
 * the bottom to sides that are multiples of 4, and then reduced by 4 to be the input.
 * @throws InputError or LimitError where the image cannot be read.
 */
export async function photographSubject(path: string): Promise<Subject> {
  const decoded = await decodeImage(path);
  const photograph = decoded.tensor;
  const [, height, width] = photograph.shape as [number, number, number];
  const history = [`The photograph has ${sizeOf(photograph)} pixels.`];
  if (decoded.alpha !== undefined) history.push('Its transparency is dropped.');
  const facts = { name: basename(path), ...(decoded.icc !== undefined && { icc: decoded.icc }) };
  if (Math.max(height, width) <= largestInput || Math.min(height, width) < leastTargetSide)
    return {
      ...facts,
      low: photograph,
      history: [
        ...history,
        'It is small, so it is the input itself: no target is known and nothing can be measured.',
      ],
    };

  let target = photograph;
  if (Math.max(height, width) > largestTarget) {
    target = resizeBicubic(photograph, { scale: largestTarget / Math.max(height, width) });
    history.push(`It was reduced to ${sizeOf(target)} pixels to keep the demo short.`);
  }
  const divisible = cropped(target, multipleOf(4, target));
  if (divisible !== target)
    history.push(`It was cropped to ${sizeOf(divisible)} pixels, multiples of 4.`);
  target = rounded(divisible);
  return {
    ...facts,
    low: reduceByFour(target),
    target,
    history: [
      ...history,
      'It serves as the target: the input is its reduction by 4 (bicubic with antialiasing), rounded to 8 bits.',
    ],
  };
}

/** Width and height as text. */
function sizeOf({ shape }: Tensor): string {
  return `${shape[2]} × ${shape[1]}`;
}

/** The low-resolution input of a target whose sides divide by 4: bicubic reduction, 8 bits. */
function reduceByFour(target: Tensor): Tensor {
  return rounded(resizeBicubic(target, { scale: 0.25 }));
}

/** An image with the values that an 8-bit file can hold. */
export function rounded({ shape, data }: Tensor): Tensor {
  return tensor(shape, roundToBytes(data.slice()));
}
