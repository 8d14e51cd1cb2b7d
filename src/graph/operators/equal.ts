import { defineBinary } from './binary.js';

/** x = y, broadcast, as booleans. */
export const equal = defineBinary('equal', 'Equal', undefined, 'bool');
