import type { FrozenModules } from '../kinds/kind.js';
import type { ModuleOutline } from './protocol.js';

/** Frozen modules without their weights, as a loader thread gets them. */
export function outlineOf(modules: FrozenModules): Record<string, ModuleOutline> {
  return Object.fromEntries(
    Object.entries(modules).map(([role, { network, config }]) => [
      role,
      { network: network.name, config },
    ]),
  );
}
