import type { ComparisonPage, PageFact, PageMeasures } from '../page/comparison-page.js';
import type { RestoredImage } from '../restore/restore.js';
import type { Measures } from './measures.js';
import { type Subject, sizeOf } from './subject.js';

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
