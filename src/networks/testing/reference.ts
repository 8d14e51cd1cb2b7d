import { fileURLToPath } from 'node:url';
import { loadCase } from '../../conformance/case.js';
import { passes } from '../../conformance/compare.js';
import { network as networkCase } from '../../conformance/kinds/network.js';
import { perceptual } from '../../conformance/kinds/perceptual.js';

const folder = new URL('../../../conformance/', import.meta.url);

/**
 * Runs a shipped conformance case of a network: its parameters by name and shape, its buffers and
 * aliases, and its output or score. True where all agree with the reference.
 */
export async function agreesWithReference(name: string): Promise<boolean> {
  const [json, safetensors] = ['json', 'safetensors'].map((ending) =>
    fileURLToPath(new URL(`${name}.${ending}`, folder)),
  ) as [string, string];
  const candidate = await loadCase({ name, json, safetensors });
  const kind = perceptual.recognises(candidate) ? perceptual : networkCase;
  const result = await kind.run(candidate);
  return !('skip' in result) && passes(result);
}
