import { ModelError } from '../tensor/errors.js';
import type { InputKind } from './inputs/input-kind.js';
import type { Pack } from './pack.js';
import { taskOf } from './tasks/index.js';

/** @throws ModelError where a pack restores something else than such inputs. */
export function requireInputKind({ manifest }: Pack, wanted: InputKind['name']): void {
  const { name } = taskOf(manifest.task).input;
  if (name === wanted) return;
  throw new ModelError(
    manifest.name,
    `is a pack for ${manifest.task}, which restores no ${wanted}`,
    {
      expected: `a pack that restores a ${wanted}`,
      received: `one that restores a ${name}`,
    },
  );
}
