import {
  type ImageMetric,
  type Metric,
  type MetricResources,
  type MetricSettings,
  requireReference,
} from './metric.js';
import { noReferenceMetrics } from './no-reference.js';
import { checkBorder, withoutBorder } from './planes.js';

/** LPIPS v0.1 (Zhang et al. 2018) on three backbones, and TOPIQ with reference (Chen et al. 2024). */
export const lpipsAlex = lpips('alex', 'AlexNet', 'alexnet-imagenet', true);
export const lpipsVgg = lpips('vgg', 'VGG-16', 'vgg16-imagenet', false);
export const lpipsSqueeze = lpips('squeeze', 'SqueezeNet', 'squeezenet-imagenet', false);

/** Opinion scores, which the networks keep to about. */
const opinionRange = [0, 1] as const;

export const topiqFr = networkMetric({
  name: 'topiq-fr',
  title: 'TOPIQ with reference, trained on KADID-10k: opinion score',
  isDefault: false,
  weights: { network: 'topiq-fr', files: ['topiq-fr-kadid'] },
  range: opinionRange,
});

const topiqNrWeights = { network: 'topiq-nr', files: ['topiq-nr-koniq'] };

/** TOPIQ without reference, and how far its score is from that of the reference. */
export const [topiqNr, topiqDelta] = noReferenceMetrics({
  name: 'topiq-nr',
  title: 'TOPIQ without reference, trained on KonIQ-10k: opinion score',
  difference: {
    name: 'topiq-delta',
    title: 'difference of TOPIQ without reference from that of the target',
  },
  isDefault: true,
  colourSpaces: ['rgb'],
  weights: topiqNrWeights,
  open: (settings, resources) =>
    openNetwork(
      { name: 'topiq-nr', input: 'image', weights: topiqNrWeights, range: opinionRange },
      settings,
      resources,
    ),
});

function lpips(
  name: 'alex' | 'vgg' | 'squeeze',
  backbone: string,
  file: string,
  isDefault: boolean,
): Metric {
  return networkMetric({
    name: `lpips-${name}`,
    title: `LPIPS v0.1 on ${backbone}: distance of deep features`,
    isDefault,
    weights: { network: `lpips-${name}`, files: [`lpips-${name}`, file] },
    range: [0, Infinity],
  });
}

type NetworkSpec = Pick<ImageMetric, 'name' | 'range' | 'input'> &
  Required<Pick<Metric, 'weights'>>;

/** Declares the full-reference metric of a network. */
function networkMetric(
  spec: Omit<NetworkSpec, 'input'> & Pick<Metric, 'title' | 'isDefault'>,
): Metric {
  const { name, title, isDefault, weights } = spec;
  return {
    ...{ name, title, isDefault, weights, input: 'pair', judges: 'perception' },
    colourSpaces: ['rgb'],
    open: (settings, resources) => openNetwork({ ...spec, input: 'pair' }, settings, resources),
  };
}

async function openNetwork(
  { name, range, input, weights }: NetworkSpec,
  { border = 0 }: MetricSettings,
  resources: MetricResources,
): Promise<ImageMetric> {
  checkBorder(border);
  const { score, direction, source } = await resources.network(weights);
  return {
    ...{ name, input, direction, range, unit: '', colourSpace: 'rgb', border },
    version: `1 ${source}`,
    measure: async (test, reference) => {
      const image = withoutBorder('test', test, border);
      if (input === 'image') return score(image);
      return score(image, withoutBorder('test', requireReference(name, reference), border));
    },
  };
}
