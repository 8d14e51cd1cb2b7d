import { writeFile } from 'node:fs/promises';
import { madeUpParameter } from '../../conformance/network-case.js';
import { parseConfiguration } from '../../networks/network.js';
import { findImageNetwork } from '../../networks/registry.js';
import { encodeSafetensors } from '../../tensor/safetensors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { declaredParameters, type Module } from '../../weights/module-file.js';

/** A network with made-up weights. */
export function madeUpModule(name: string, stated: object): Module {
  const network = findImageNetwork(name)!;
  const config = parseConfiguration(network, stated);
  const declared = [...declaredParameters(network, config)];
  const weights = new Map(declared.map(([key, { shape }]) => [key, madeUpParameter(key, shape)]));
  return { network, config, statedConfig: stated, weights };
}

/** A small NAFNet, whose configuration follows from its shapes. */
export const nafnet = madeUpModule('nafnet', {
  width: 8,
  enc_blk_nums: [1, 2],
  middle_blk_num: 1,
  dec_blk_nums: [1, 1],
});

/** Writes a bare state dictionary, which says nothing of its network. */
export async function writeState(
  path: string,
  weights: ReadonlyMap<string, Tensor>,
): Promise<string> {
  await writeFile(path, encodeSafetensors(weights));
  return path;
}
