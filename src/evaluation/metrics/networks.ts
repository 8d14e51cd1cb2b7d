import type { MetricDefinition } from './definition.js';
import type { MetricSettings, PictureMetric } from './metric.js';
import { deltaMetric, perceptualMetric, sharedScore } from './perceptual-metric.js';
import type { MetricResources, NetworkWeights } from './resources.js';
import type { Score } from './shared-scores.js';

const heads = 'LPIPS v0.1';

export const lpipsAlex = lpips('alex', 'AlexNet', 'alexnet-imagenet', true);
export const lpipsVgg = lpips('vgg', 'VGG-16', 'vgg16-imagenet', false);
export const lpipsSqueeze = lpips('squeeze', 'SqueezeNet', 'squeezenet-imagenet', false);

const blind: NetworkWeights = { network: 'topiq-nr', files: ['topiq-nr-koniq'] };
const comparing: NetworkWeights = { network: 'topiq-fr', files: ['topiq-fr-kadid'] };
/** Opinion scores, which the networks keep to about. */
const opinions = [0, 1] as const;

export const topiqNr: MetricDefinition = {
  name: 'topiq-nr',
  title: 'TOPIQ without reference, trained on KonIQ-10k: opinion score',
  pictures: 1,
  judges: 'perception',
  colourSpaces: ['rgb'],
  usual: true,
  weights: blind,
  open: async (settings, resources) => {
    const metric = await openNetwork('topiq-nr', blind, opinions, settings, resources);
    const score = await blindScore(settings, resources);
    return { ...metric, measure: (test) => score(test) };
  },
};

export const topiqFr: MetricDefinition = {
  name: 'topiq-fr',
  title: 'TOPIQ with reference, trained on KADID-10k: opinion score',
  pictures: 2,
  judges: 'perception',
  colourSpaces: ['rgb'],
  usual: false,
  weights: comparing,
  open: (settings, resources) => openNetwork('topiq-fr', comparing, opinions, settings, resources),
};

export const topiqDelta: MetricDefinition = {
  name: 'topiq-delta',
  title: 'difference of TOPIQ without reference from that of the target',
  pictures: 2,
  judges: 'perception',
  colourSpaces: ['rgb'],
  usual: true,
  weights: blind,
  open: async (settings, resources) =>
    deltaMetric(
      'topiq-delta',
      await openNetwork('topiq-nr', blind, opinions, settings, resources),
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
    title: `${heads} on ${title}: distance of deep features`,
    pictures: 2,
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
): Promise<PictureMetric> {
  const { module, source } = await resources.network(weights);
  const version = `1 ${source}`;
  return perceptualMetric(module, await resources.runner(), { name, range, border, version });
}

/** The score that TOPIQ and its difference share. */
function blindScore(settings: MetricSettings, resources: MetricResources): Promise<Score> {
  const key = `topiq-nr ${settings.border ?? 0}`;
  const known = resources.scores.get(key);
  if (known !== undefined) return known;
  const made = openNetwork('topiq-nr', blind, opinions, settings, resources).then(sharedScore);
  resources.scores.set(key, made);
  return made;
}
