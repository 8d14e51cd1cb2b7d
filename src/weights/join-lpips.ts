import type { PerceptualNetwork } from '../networks/network.js';
import { type LpipsBackbone, lpipsBackbones, lpipsNetworks } from '../networks/perceptual/lpips.js';
import type { Tensor } from '../tensor/tensor.js';
import { ModelError } from '../utils/errors.js';
import { declaredParameters } from './module-file.js';

type Tensors = ReadonlyMap<string, Tensor>;

const HEADS = 'the LPIPS heads';
const BACKBONE = 'the backbone';

/**
 * One state dictionary, under the names of LPIPS v0.1, of the two files in which its weights are
 * published. Which backbone it is follows from the shapes of its tensors. Nothing is copied.
 * @param heads the published heads, `lin0.model.1.weight` and so on, or `lins.0.model.1.weight`.
 * @param backbone torchvision's `features.*` of alexnet, vgg16 or squeezenet1_1; a classifier's
 * last layers, `classifier.*`, may be there and are left out.
 * @throws ModelError where the backbone is another network, or where either file lacks a tensor,
 * has one of another shape or one that is no part of it.
 */
export function joinLpips(heads: Tensors, backbone: Tensors): Map<string, Tensor> {
  const name = recognised(backbone);
  const { torchvision } = lpipsBackbones[name];
  const expected = parametersOf(name);
  const isHead = (key: string): boolean => key.startsWith('lin');
  const declaredHeads = new Map([...expected].filter(([key]) => isHead(key)));
  const declaredFeatures = new Map(
    [...expected]
      .filter(([key]) => !isHead(key))
      .map(([key, shape]) => [torchvisionName(key), shape]),
  );
  const features = new Map([...backbone].filter(([key]) => !key.startsWith('classifier.')));
  requireTensors(BACKBONE, `torchvision's ${torchvision}`, features, declaredFeatures);
  const network = lpipsNetworks[name] as PerceptualNetwork;
  const ownHeads = underFirstNames(heads, network);
  requireTensors(HEADS, `${network.name}, to which ${BACKBONE} belongs`, ownHeads, declaredHeads);
  return new Map(
    [...expected.keys()].map((key) => [
      key,
      isHead(key) ? ownHeads.get(key)! : features.get(torchvisionName(key))!,
    ]),
  );
}

/** Names and shapes that LPIPS declares for a backbone. */
function parametersOf(name: LpipsBackbone): ReadonlyMap<string, readonly number[]> {
  const declared = declaredParameters(lpipsNetworks[name] as PerceptualNetwork, {});
  return new Map([...declared].map(([key, { shape }]) => [key, shape]));
}

/** LPIPS cuts torchvision's `features` into slices and keeps their indices. */
function torchvisionName(key: string): string {
  return key.replace(/^net\.slice\d+\./, 'features.');
}

/** The backbone that has most kernels in common with a state dictionary. */
function recognised(backbone: Tensors): LpipsBackbone {
  const names = Object.keys(lpipsBackbones) as LpipsBackbone[];
  const scored = names.map((name) => {
    const kernels = [...parametersOf(name)].filter(
      ([key, shape]) => key.startsWith('net.') && shape.length === 4,
    );
    const common = kernels.filter(
      ([key, shape]) => backbone.get(torchvisionName(key))?.shape.join() === shape.join(),
    );
    return { name, share: common.length / kernels.length };
  });
  const best = scored.reduce((a, b) => (b.share > a.share ? b : a));
  if (best.share > 0) return best.name;
  const known = names.map((name) => lpipsBackbones[name].torchvision);
  throw new ModelError(BACKBONE, 'is none that LPIPS v0.1 has heads for', {
    expected: `features.* of torchvision's ${known.join(', ')}`,
    received: listed([...backbone.keys()]),
  });
}

/** Heads under the names that are declared, without the constants that come with them. */
function underFirstNames(heads: Tensors, network: PerceptualNetwork): Map<string, Tensor> {
  const aliases = network.aliases!({});
  const renamed = new Map<string, Tensor>();
  for (const [key, value] of heads)
    if (!network.isBuffer!(key) && !(aliases.has(key) && heads.has(aliases.get(key)!)))
      renamed.set(aliases.get(key) ?? key, value);
  return renamed;
}

function requireTensors(
  subject: string,
  owner: string,
  tensors: Tensors,
  declared: ReadonlyMap<string, readonly number[]>,
): void {
  const missing = [...declared.keys()].filter((key) => !tensors.has(key));
  if (missing.length > 0)
    throw new ModelError(subject, `lacks ${listed(missing)} of ${owner}`, {
      expected: listed([...declared.keys()]),
      received: listed([...tensors.keys()]),
    });
  for (const [key, shape] of declared) {
    const found = tensors.get(key)!.shape;
    if (found.join() !== shape.join())
      throw new ModelError(subject, `${key} has the wrong shape for ${owner}`, {
        expected: `[${shape}]`,
        received: `[${found}]`,
      });
  }
  const unexpected = [...tensors.keys()].filter((key) => !declared.has(key));
  if (unexpected.length > 0)
    throw new ModelError(subject, `${listed(unexpected)} is no part of ${owner}`);
}

function listed(keys: readonly string[]): string {
  if (keys.length === 0) return 'nothing';
  const more = keys.length > 3 ? ` and ${keys.length - 3} more` : '';
  return `${keys.slice(0, 3).join(', ')}${more}`;
}
