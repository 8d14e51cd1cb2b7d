import { defineBinary } from './binary.js';

/** x > y, broadcast, as booleans. */
export const greater = defineBinary('greater', 'Greater', undefined, 'bool');
