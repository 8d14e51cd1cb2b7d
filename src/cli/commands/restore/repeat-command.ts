import { asPath, shellLine } from '../../../files/quoting.js';
import {
  type OptionValues,
  type RestoreOptionName,
  restoreOptionRows,
} from '../../../restore-files/options.js';
import { DEFAULT_PACK, type RestoreFacts } from '../../../restore-files/restore-request.js';
import { asFlag } from '../../options.js';

/**
 * The command that produces the same bytes again. Whatever pixels depend on is stated, defaults
 * included, and so are the bounds that were raised.
 */
export function repeatCommand(
  target: { readonly input: string | readonly string[]; readonly output: string },
  options: OptionValues,
  facts: Pick<RestoreFacts, 'settings' | 'result' | 'seed' | 'tile' | 'burst'>,
): string {
  const { settings, result, seed, tile, burst } = facts;
  const resolved: Partial<Record<RestoreOptionName, unknown>> = {
    ...{ model: options.model ?? options.task ?? DEFAULT_PACK, seed, tile, ...settings, ...result },
    eta: settings.sampler === 'ddim' ? settings.eta : undefined,
    ...(burst !== undefined && { reference: burst.used[0], scale: burst.scale }),
  };
  const inputs = typeof target.input === 'string' ? [target.input] : target.input;
  const words = ['dp-ir', 'restore', '-i', ...inputs.map(asPath), '-o', asPath(target.output)];
  for (const [name, row] of restoreOptionRows) {
    if (!row.affectsPixels && !row.permits) continue;
    const given = name in resolved ? resolved[name] : options[name];
    const value = given ?? (row.affectsPixels && !(name in resolved) ? row.default : undefined);
    if (value === undefined || value === false) continue;
    words.push(asFlag(name));
    if (value !== true) words.push(row.isPath ? asPath(String(value)) : String(value));
  }
  return shellLine(words);
}
