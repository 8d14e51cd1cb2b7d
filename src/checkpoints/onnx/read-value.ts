import { elementTypes } from './element-types.js';
import { onnxLimits } from './limits.js';
import type { OnnxValue } from './parts.js';
import type { Fields } from './wire.js';

/**
 * Reads a ValueInfoProto.
 * @throws ModelError for damaged fields, and a negative or absurd extent.
 */
export function readValue(fields: Fields): OnnxValue {
  let name = '';
  let elementType = 'no tensor';
  let axes: (number | string)[] | undefined;
  while (fields.next()) {
    if (fields.number === 1) {
      fields.once();
      name = fields.text();
    } else if (fields.number === 2) {
      fields.once();
      const type = fields.message('a type');
      while (type.next()) {
        if (type.number !== 1) continue;
        type.once();
        const tensor = type.message('a tensor type');
        elementType = 'undefined';
        while (tensor.next()) {
          if (tensor.number === 1) {
            tensor.once();
            const number = tensor.int();
            elementType = elementTypes.get(number)?.name ?? `type ${number}`;
          } else if (tensor.number === 2) {
            tensor.once();
            axes = readAxes(tensor.message('a shape'));
          }
        }
      }
    }
  }
  requireAxes(fields, name, axes ?? []);
  return { name, elementType, axes };
}

function readAxes(fields: Fields): (number | string)[] {
  const axes: (number | string)[] = [];
  while (fields.next()) {
    if (fields.number !== 1) continue;
    if (axes.length === onnxLimits.rank) fields.fail(`has more than ${onnxLimits.rank} axes`);
    const dimension = fields.message('an axis');
    let axis: number | string = '';
    while (dimension.next()) {
      if (dimension.number > 2) continue;
      if (axis !== '') dimension.fail('has two extents');
      axis = dimension.number === 1 ? dimension.int() : dimension.text();
    }
    axes.push(axis);
  }
  return axes;
}

function requireAxes(fields: Fields, name: string, axes: readonly (number | string)[]): void {
  let size = 1;
  for (const axis of axes) {
    if (typeof axis === 'string') continue;
    if (axis < 1)
      fields.source.fail(`${JSON.stringify(name)} has the extent ${axis} in [${axes.join(', ')}]`);
    size *= axis;
    if (axis > onnxLimits.elements || size > onnxLimits.elements)
      fields.source.fail(
        `${JSON.stringify(name)} has the shape [${axes.join(', ')}], more than ${onnxLimits.elements} elements`,
      );
  }
}
