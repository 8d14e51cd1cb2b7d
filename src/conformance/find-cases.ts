import { InputError } from '../tensor/errors.js';
import type { CaseFiles } from './case.js';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * The cases of a folder and its subfolders, by name. A case is NAME.safetensors, NAME.json or both;
 * in a folder of checkpoints it is NAME.pth, with NAME.expected.safetensors and a common index.
 * @throws InputError where the folder cannot be listed.
 */
export async function findCases(folder: string): Promise<CaseFiles[]> {
  const cases = await casesBelow(folder, folder);
  return cases.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

async function casesBelow(root: string, folder: string): Promise<CaseFiles[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new InputError(folder, 'the folder cannot be listed', { cause });
  });
  const found: CaseFiles[] = [];
  for (const entry of entries)
    if (entry.isDirectory()) found.push(...(await casesBelow(root, join(folder, entry.name))));
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const named = (stem: string) => relative(root, join(folder, stem)).replaceAll('\\', '/');
  const checkpoints = files.filter((file) => file.endsWith('.pth'));
  if (checkpoints.length > 0) {
    for (const file of checkpoints)
      found.push({ name: named(file.slice(0, -4)), checkpoint: join(folder, file) });
    return found;
  }
  const stems = new Set(
    files.flatMap((file) => /^(.+)\.(?:json|safetensors)$/.exec(file)?.[1] ?? []),
  );
  for (const stem of stems)
    found.push({
      name: named(stem),
      ...(files.includes(`${stem}.json`) && { json: join(folder, `${stem}.json`) }),
      ...(files.includes(`${stem}.safetensors`) && {
        safetensors: join(folder, `${stem}.safetensors`),
      }),
    });
  return found;
}
