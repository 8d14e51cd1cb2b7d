import type { Tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';

/** A service that adds what it is asked to the first entry of a tensor, and gives the sum. */
export function adding(total: Tensor): (term: unknown) => number {
  if (typeof total !== 'object') throw new ParameterError('total', 'a tensor', total);
  return (term) => {
    if (typeof term !== 'number') throw new ParameterError('term', 'a number', term);
    total.data[0] = total.data[0]! + term;
    return total.data[0]!;
  };
}

/** A service that gives back what it is asked for, or a function, which cannot leave its thread. */
export function uncloneable(): (request: unknown) => unknown {
  return (request) => (request === 'function' ? () => request : { given: request });
}
