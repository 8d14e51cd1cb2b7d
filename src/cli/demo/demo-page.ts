import { basename } from 'node:path';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { decodeImage } from '../../images/decode.js';
import type { ComparisonPage, PageMeasures } from '../../reports/comparison-page.js';
import type { PageFact } from '../../reports/page.js';
import type { RestoredImage } from '../../restore-files/restore.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cropped, multipleOf } from '../../tensor/window.js';
import type { Measures } from './demo.js';
import { reduceByFour, renderSample, rounded } from './sample.js';

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

/** The page of a demonstration: all versions, their measures and how the result came about. */
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

/** What a demonstration restores. */
export interface Subject {
  readonly name: string;
  /** The low-resolution input, [3, H, W] in [0, 1]. */
  readonly low: Tensor;
  /** What an ideal restoration would give, [3, 4 H, 4 W]; absent where nobody knows. */
  readonly target?: Tensor;
  /** What was done to get here, in sentences for the reader of the page. */
  readonly history: readonly string[];
  /** The profile that the values of a photograph are meant for. */
  readonly icc?: Uint8Array;
}

/** A photograph whose long edge has at most so many pixels is enlarged, a larger one is a target. */
export const largestInput = 384;
const largestTarget = 1024;
const leastTargetSide = 64;

/** The scene that this package renders, and its reduction by 4. */
export function sampleSubject(): Subject {
  const target = renderSample();
  return {
    name: 'Rendered sample',
    low: reduceByFour(target),
    target,
    history: [
      `The target is a scene of ${sizeOf(target)} pixels that the program renders itself.`,
      'The input is the target reduced by 4 (bicubic with antialiasing), rounded to 8 bits.',
    ],
  };
}

/**
 * A photograph as the subject of a demonstration. A small one is the input itself. A larger one
 * becomes the target: reduced to at most 1024 pixels on its long edge, cropped at the right and
 * the bottom to sides that are multiples of 4, and then reduced by 4 to be the input.
 * @throws InputError or LimitError where the image cannot be read.
 */
export async function photographSubject(path: string): Promise<Subject> {
  const decoded = await decodeImage(path);
  const photograph = decoded.tensor;
  const [, height, width] = photograph.shape as [number, number, number];
  const said = [`The photograph has ${sizeOf(photograph)} pixels.`];
  if (decoded.alpha !== undefined) said.push('Its transparency is left out.');
  const facts = { name: basename(path), ...(decoded.icc !== undefined && { icc: decoded.icc }) };
  if (Math.max(height, width) <= largestInput || Math.min(height, width) < leastTargetSide)
    return {
      ...facts,
      low: photograph,
      history: [
        ...said,
        'It is the input as it is, so that no target is known and nothing can be measured.',
      ],
    };

  let target = photograph;
  if (Math.max(height, width) > largestTarget) {
    target = resizeBicubic(photograph, { scale: largestTarget / Math.max(height, width) });
    said.push(`It was reduced to ${sizeOf(target)} pixels to keep the demonstration short.`);
  }
  const even = cropped(target, multipleOf(4, target));
  if (even !== target)
    said.push(`It was cropped to ${sizeOf(even)} pixels, so that its sides divide by 4.`);
  target = rounded(even);
  return {
    ...facts,
    low: reduceByFour(target),
    target,
    history: [
      ...said,
      'It serves as the target: the input is its reduction by 4 (bicubic with antialiasing), rounded to 8 bits.',
    ],
  };
}

/** Width and height as text. */
export function sizeOf({ shape }: Tensor): string {
  return `${shape[2]} × ${shape[1]}`;
}
