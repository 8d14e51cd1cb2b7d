import type { ByteReader } from './byte-reader.js';
import { PickleMachine, pickleLimits } from './pickle-machine.js';
import { operations } from './pickle-operations.js';
import type { PickleValue } from './values.js';

const STOP = 0x2e;

/**
 * Reads one pickle, after which the reader stands. Whatever the file asks for, only data is built:
 * tensors, containers, numbers and text.
 * @param resolve what a persistent id stands for.
 * @throws ModelError where the pickle is cut off or damaged, exceeds a limit or asks for anything
 * but data.
 */
export function readPickle(
  reader: ByteReader,
  resolve: (id: PickleValue) => PickleValue,
): PickleValue {
  const machine = new PickleMachine(reader, resolve);
  for (let count = 0; count < pickleLimits.operations; count++) {
    const at = reader.position;
    const code = reader.uint8();
    if (code === STOP) {
      const result = machine.pop();
      if (!machine.empty) throw machine.error('its pickle ends with values left over');
      return result;
    }
    const operation = operations[code];
    if (operation === undefined)
      throw machine.error(
        `its pickle asks for operation 0x${code.toString(16).padStart(2, '0')} at byte ${at}, which is none of data`,
      );
    operation(machine);
  }
  throw machine.error(`its pickle has more than ${pickleLimits.operations} operations`);
}
