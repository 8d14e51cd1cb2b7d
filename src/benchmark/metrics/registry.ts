import { flip } from '../../metrics/flip.js';
import { gmsd } from '../../metrics/gmsd.js';
import { grain } from '../../metrics/grain.js';
import { haarPsi } from '../../metrics/haarpsi.js';
import { logSpectralDistance } from '../../metrics/log-spectral.js';
import type { ImageMetric, MetricSettings } from '../../metrics/metric.js';
import { niqe } from '../../metrics/niqe.js';
import type { YcbcrPlane } from '../../metrics/planes.js';
import { alignedPsnr, psnr } from '../../metrics/psnr.js';
import { msSsim, ssim } from '../../metrics/ssim.js';
import { ssimulacra2 } from '../../metrics/ssimulacra2.js';
import {
  type MetricDefinition,
  type MetricResources,
  type NetworkWeights,
  ofImage,
  ofPair,
} from './metric-definition.js';
import { deltaMetric, perceptualMetric, type Score, sharedScore } from './perceptual.js';

const lpipsHeads = 'LPIPS v0.1';

export const lpipsAlex = lpips('alex', 'AlexNet', 'alexnet-imagenet', true);
export const lpipsVgg = lpips('vgg', 'VGG-16', 'vgg16-imagenet', false);
export const lpipsSqueeze = lpips('squeeze', 'SqueezeNet', 'squeezenet-imagenet', false);

const topiqNrWeights: NetworkWeights = { network: 'topiq-nr', files: ['topiq-nr-koniq'] };
const topiqFrWeights: NetworkWeights = { network: 'topiq-fr', files: ['topiq-fr-kadid'] };
/** Opinion scores, which the networks keep to about. */
const opinionRange = [0, 1] as const;

export const topiqNr: MetricDefinition = {
  name: 'topiq-nr',
  title: 'TOPIQ without reference, trained on KonIQ-10k: opinion score',
  images: 1,
  judges: 'perception',
  colourSpaces: ['rgb'],
  usual: true,
  weights: topiqNrWeights,
  open: async (settings, resources) => {
    const metric = await openNetwork('topiq-nr', topiqNrWeights, opinionRange, settings, resources);
    const score = await blindScore(settings, resources);
    return { ...metric, measure: (test) => score(test) };
  },
};

export const topiqFr: MetricDefinition = {
  name: 'topiq-fr',
  title: 'TOPIQ with reference, trained on KADID-10k: opinion score',
  images: 2,
  judges: 'perception',
  colourSpaces: ['rgb'],
  usual: false,
  weights: topiqFrWeights,
  open: (settings, resources) =>
    openNetwork('topiq-fr', topiqFrWeights, opinionRange, settings, resources),
};

export const topiqDelta: MetricDefinition = {
  name: 'topiq-delta',
  title: 'difference of TOPIQ without reference from that of the target',
  images: 2,
  judges: 'perception',
  colourSpaces: ['rgb'],
  usual: true,
  weights: topiqNrWeights,
  open: async (settings, resources) =>
    deltaMetric(
      'topiq-delta',
      await openNetwork('topiq-nr', topiqNrWeights, opinionRange, settings, resources),
      await blindScore(settings, resources),
    ),
};

function lpips(
  name: 'alex' | 'vgg' | 'squeeze',
  title: string,
  backbone: string,
  usual: boolean,
): MetricDefinition {
  const weights = { network: `lpips-${name}`, files: [`lpips-${name}`, backbone] };
  return {
    name: `lpips-${name}`,
    title: `${lpipsHeads} on ${title}: distance of deep features`,
    images: 2,
    judges: 'perception',
    colourSpaces: ['rgb'],
    usual,
    weights,
    open: (settings, resources) =>
      openNetwork(`lpips-${name}`, weights, [0, Infinity], settings, resources),
  };
}

async function openNetwork(
  name: string,
  weights: NetworkWeights,
  range: readonly [number, number],
  { border = 0 }: MetricSettings,
  resources: MetricResources,
): Promise<ImageMetric> {
  const { module, source } = await resources.network(weights);
  const version = `1 ${source}`;
  return perceptualMetric(module, await resources.runner(), { name, range, border, version });
}

/** The score that TOPIQ and its difference share. */
function blindScore(settings: MetricSettings, resources: MetricResources): Promise<Score> {
  const key = `topiq-nr ${settings.border ?? 0}`;
  const known = resources.scores.get(key);
  if (known !== undefined) return known;
  const made = openNetwork('topiq-nr', topiqNrWeights, opinionRange, settings, resources).then(
    sharedScore,
  );
  resources.scores.set(key, made);
  return made;
}

const pairDefaults = {
  images: 2,
  judges: 'distortion',
  colourSpaces: ['rgb', 'luma'],
  usual: true,
} as const;

function grainOfPlane(plane: YcbcrPlane, what: string): MetricDefinition {
  return {
    ...pairDefaults,
    name: `grain-${plane}`,
    title: `difference of grain in flat parts, ${what}`,
    colourSpaces: ['rgb'],
    usual: false,
    open: async ({ border = 0 }) => ofPair(grain(plane, { border })),
  };
}

/** Every metric, in the order of columns. A new one is added here. */
export const metrics: readonly MetricDefinition[] = [
  {
    ...pairDefaults,
    name: 'psnr',
    title: 'peak signal-to-noise ratio',
    open: async (settings) => ofPair(psnr(settings)),
  },
  {
    ...pairDefaults,
    name: 'ssim',
    title: 'structural similarity',
    open: async (settings) => ofPair(ssim(settings)),
  },
  {
    ...pairDefaults,
    name: 'ms-ssim',
    title: 'structural similarity over five scales',
    open: async (settings) => ofPair(msSsim(settings)),
  },
  {
    ...pairDefaults,
    name: 'log-spectral',
    title: 'distance between log power spectra',
    colourSpaces: ['luma'],
    open: async ({ border = 0 }) => ofPair(logSpectralDistance({ border })),
  },
  {
    ...pairDefaults,
    name: 'aligned-psnr',
    title: 'PSNR after alignment in space and colour, for real bursts',
    colourSpaces: ['rgb'],
    usual: false,
    open: async ({ border }) => ofPair(alignedPsnr(border === undefined ? {} : { border })),
  },
  {
    ...pairDefaults,
    name: 'haarpsi',
    title: 'Haar wavelet-based perceptual similarity',
    colourSpaces: ['rgb'],
    usual: false,
    open: async ({ border = 0 }) => ofPair(haarPsi({ border })),
  },
  {
    ...pairDefaults,
    name: 'gmsd',
    title: 'deviation of the similarity of gradients',
    colourSpaces: ['luma'],
    usual: false,
    open: async ({ border = 0 }) => ofPair(gmsd({ border })),
  },
  {
    ...pairDefaults,
    name: 'flip',
    title: 'difference seen when flipping between images',
    colourSpaces: ['rgb'],
    usual: false,
    open: async ({ border = 0 }) => ofPair(flip({ border })),
  },
  {
    ...pairDefaults,
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
    images: 1,
    judges: 'perception',
    colourSpaces: ['luma'],
    usual: true,
    open: async (settings, resources) => {
      const { facts, score } = await openNiqe(settings, resources);
      return { ...facts, measure: (test) => score(test) };
    },
  },
  {
    ...pairDefaults,
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
  const metric = ofImage(niqe(await resources.naturalScenes(), { border }));
  const { measure, ...facts } = metric;
  const key = `niqe ${facts.version} ${border}`;
  const known: Promise<Score> = resources.scores.get(key) ?? Promise.resolve(sharedScore(metric));
  resources.scores.set(key, known);
  return { facts, score: await known };
}
