import { stat } from 'node:fs/promises';
import { fileDigest } from '../../src/files/digest.js';
import { loadRun } from '../../src/training/run/run-folder.js';
import { moduleFile, shippedModules, type TrainedModule, trainedModule } from './modules.js';
import { type Places, runFolder } from './places.js';

/** Whether a module is there, and what it went through. */
export type ModuleState =
  | { readonly kind: 'shipped' }
  | { readonly kind: 'trained'; readonly steps: number }
  /** In training, or stopped. */
  | { readonly kind: 'unfinished'; readonly steps: number; readonly planned: number }
  /** Trained between modules that have changed since. */
  | { readonly kind: 'outdated'; readonly changed: string }
  | { readonly kind: 'missing' };

/** @throws ModelError where the state of a run is damaged. */
export async function moduleState(name: string, places: Places): Promise<ModuleState> {
  const file = moduleFile(name, places);
  if (!(await isThere(file))) return { kind: 'missing' };
  if (shippedModules[name] !== undefined) return { kind: 'shipped' };
  const module = trainedModule(name);
  const run = await loadRun(runFolder(name, places));
  if (run === undefined) return { kind: 'missing' };
  const changed = await changedParent(module, run.modules, places);
  if (changed !== undefined) return { kind: 'outdated', changed };
  const { step: steps, recipe } = run;
  return steps < recipe.steps
    ? { kind: 'unfinished', steps, planned: recipe.steps }
    : { kind: 'trained', steps };
}

/** Whether a table may use it. */
export function isUsable({ kind }: ModuleState): boolean {
  return kind === 'shipped' || kind === 'trained';
}

/** In words. */
export function stateText(state: ModuleState): string {
  switch (state.kind) {
    case 'trained':
      return `trained for ${state.steps} steps`;
    case 'unfinished':
      return `unfinished: ${state.steps} of ${state.planned} steps`;
    case 'outdated':
      return `outdated: ${state.changed} has changed`;
    default:
      return state.kind;
  }
}

async function changedParent(
  { restorer, denoiser }: TrainedModule,
  digests: Readonly<Record<string, string>>,
  places: Places,
): Promise<string | undefined> {
  for (const [role, name] of Object.entries({ restorer, denoiser })) {
    if (name === undefined) continue;
    const file = moduleFile(name, places);
    const digest = (await isThere(file)) ? await fileDigest(file) : undefined;
    if (digest !== digests[role]) return name;
  }
  return undefined;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
