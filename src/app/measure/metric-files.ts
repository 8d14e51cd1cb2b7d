import { join } from 'node:path';
import type { MetricDefinition } from '../../evaluation/metrics/definition.js';
import { findEntry } from '../../weights/catalogue/catalogue.js';
import { isFile } from '../models/find-model.js';

/** Where what metrics need lies on this machine; it survives a structured clone. */
export interface MetricFiles {
  /** Folder in which models are stored. */
  readonly store: string;
  /** Files of weights by the name of the network, in place of published ones. */
  readonly weights?: Readonly<Record<string, string>> | undefined;
  /** Parameters of NIQE as JSON, in place of those that come with the package. */
  readonly naturalScenes?: string | undefined;
}

/** The commands that bring the weights of a metric onto this machine; none where all are here. */
export async function pullCommands(
  { weights }: MetricDefinition,
  { store, weights: given = {} }: MetricFiles,
): Promise<string[]> {
  if (weights === undefined || given[weights.network] !== undefined) return [];
  const commands: string[] = [];
  for (const name of weights.files) {
    const entry = findEntry(name);
    if (entry !== undefined && (await isFile(join(store, entry.file)))) continue;
    commands.push(`dp-ir models pull ${name}${entry?.manual ? ' --from FILE' : ''}`);
  }
  return commands;
}
