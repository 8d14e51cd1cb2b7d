import type { ParameterAttributes, Value } from '../../graph/index.js';
import { ParameterError } from '../../tensor/errors.js';

export type Declared = ReadonlyMap<string, Value<ParameterAttributes>>;

/**
 * Parts the parameters of a network into those that are trained and those that stay as they are.
 * @param patterns names of the latter; * stands for any characters, dots too.
 * @throws ParameterError for a pattern that fits no parameter, or where none is left to train.
 */
export function partFrozen(
  declared: Declared,
  patterns: readonly string[],
): { readonly trained: Declared; readonly held: Declared } {
  const frozen = new Set<string>();
  for (const pattern of patterns) {
    const fitting = [...declared.keys()].filter((name) => matches(pattern, name));
    if (fitting.length === 0) {
      const examples = [...declared.keys()].slice(0, 3).join(', ');
      throw new ParameterError('recipe.freeze', `names of parameters such as ${examples}`, pattern);
    }
    for (const name of fitting) frozen.add(name);
  }
  const part = (held: boolean): Declared =>
    new Map([...declared].filter(([name]) => frozen.has(name) === held));
  const trained = part(false);
  if (trained.size === 0)
    throw new ParameterError('recipe.freeze', 'some parameters left to train', patterns);
  return { trained, held: part(true) };
}

function matches(pattern: string, name: string): boolean {
  const literal = pattern.split('*').map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`).test(name);
}
