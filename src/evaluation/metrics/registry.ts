import { alignedPsnr } from './aligned/aligned-psnr.js';
import { type MetricDefinition, ofPair, ofPicture } from './definition.js';
import { flip } from './flip.js';
import { gmsd } from './gmsd.js';
import { grain } from './grain.js';
import { haarPsi } from './haarpsi.js';
import { logSpectralDistance } from './log-spectral.js';
import type { MetricSettings } from './metric.js';
import { msSsim } from './ms-ssim.js';
import { lpipsAlex, lpipsSqueeze, lpipsVgg, topiqDelta, topiqFr, topiqNr } from './networks.js';
import { niqe } from './niqe/niqe.js';
import { deltaMetric, sharedScore } from './perceptual-metric.js';
import { psnr } from './psnr.js';
import type { MetricResources } from './resources.js';
import type { Score } from './shared-scores.js';
import { ssim } from './ssim.js';
import { ssimulacra2 } from './ssimulacra2.js';
import type { YcbcrPlane } from './ycbcr.js';

const pair = {
  pictures: 2,
  judges: 'distortion',
  colourSpaces: ['rgb', 'luma'],
  usual: true,
} as const;

function grainOfPlane(plane: YcbcrPlane, what: string): MetricDefinition {
  return {
    ...pair,
    name: `grain-${plane}`,
    title: `difference of grain in flat parts, ${what}`,
    judges: 'perception',
    colourSpaces: ['rgb'],
    usual: false,
    open: async ({ border = 0 }) => ofPair(grain(plane, { border })),
  };
}

/** Every metric, in the order of columns. A new one is added here. */
export const metrics: readonly MetricDefinition[] = [
  {
    ...pair,
    name: 'psnr',
    title: 'peak signal-to-noise ratio',
    open: async (settings) => ofPair(psnr(settings)),
  },
  {
    ...pair,
    name: 'ssim',
    title: 'structural similarity',
    open: async (settings) => ofPair(ssim(settings)),
  },
  {
    ...pair,
    name: 'ms-ssim',
    title: 'structural similarity over five scales',
    open: async (settings) => ofPair(msSsim(settings)),
  },
  {
    ...pair,
    name: 'log-spectral',
    title: 'distance between log power spectra',
    colourSpaces: ['luma'],
    open: async ({ border = 0 }) => ofPair(logSpectralDistance({ border })),
  },
  {
    ...pair,
    name: 'aligned-psnr',
    title: 'PSNR after alignment in space and colour, for real bursts',
    colourSpaces: ['rgb'],
    usual: false,
    open: async ({ border }) => ofPair(alignedPsnr(border === undefined ? {} : { border })),
  },
  {
    ...pair,
    name: 'haarpsi',
    title: 'Haar wavelet-based perceptual similarity',
    colourSpaces: ['rgb'],
    usual: false,
    open: async ({ border = 0 }) => ofPair(haarPsi({ border })),
  },
  {
    ...pair,
    name: 'gmsd',
    title: 'deviation of the similarity of gradients',
    colourSpaces: ['luma'],
    usual: false,
    open: async ({ border = 0 }) => ofPair(gmsd({ border })),
  },
  {
    ...pair,
    name: 'flip',
    title: 'difference seen when flipping between images',
    colourSpaces: ['rgb'],
    usual: false,
    open: async ({ border = 0 }) => ofPair(flip({ border })),
  },
  {
    ...pair,
    name: 'ssimulacra2',
    title: 'structure and edges over six scales, fitted to opinions',
    colourSpaces: ['rgb'],
    usual: false,
    open: async ({ border = 0 }) => ofPair(ssimulacra2({ border })),
  },
  grainOfPlane('y', 'luma'),
  grainOfPlane('cb', 'blue less luma'),
  grainOfPlane('cr', 'red less luma'),
  lpipsAlex,
  lpipsVgg,
  lpipsSqueeze,
  topiqFr,
  topiqNr,
  topiqDelta,
  {
    name: 'niqe',
    title: 'distance from natural scenes, without reference',
    pictures: 1,
    judges: 'perception',
    colourSpaces: ['luma'],
    usual: true,
    open: async (settings, resources) => {
      const { facts, score } = await openNiqe(settings, resources);
      return { ...facts, measure: (test) => score(test) };
    },
  },
  {
    ...pair,
    name: 'niqe-delta',
    judges: 'perception',
    title: 'difference of NIQE from that of the target',
    colourSpaces: ['luma'],
    open: async (settings, resources) => {
      const { facts, score } = await openNiqe(settings, resources);
      return deltaMetric('niqe-delta', facts, score);
    },
  },
];

/** The metric of a name, where there is one. */
export function findMetric(name: string): MetricDefinition | undefined {
  return metrics.find((metric) => metric.name === name);
}

async function openNiqe({ border = 0 }: MetricSettings, resources: MetricResources) {
  const metric = ofPicture(niqe(await resources.naturalScenes(), { border }));
  const { measure, ...facts } = metric;
  const key = `niqe ${facts.version} ${border}`;
  const known: Promise<Score> = resources.scores.get(key) ?? Promise.resolve(sharedScore(metric));
  resources.scores.set(key, known);
  return { facts, score: await known };
}
