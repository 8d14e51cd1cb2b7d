import { bytesPerElement, type DataType, sizeOf } from '../../tensor/tensor.js';
import { isConstant, isInput, isParameter } from '../leaves.js';
import { topologicalOrder, type Value } from '../value.js';

/** Memory that one evaluation of a graph takes, in bytes. */
export interface GraphMemory {
  /** Values of the graph, those that are given among them. */
  readonly values: number;
  /** Inputs and parameters that are fed. */
  readonly inputs: number;
  /** Constants of the graph, and parameters that are part of it. */
  readonly constants: number;
  readonly outputs: number;
  /** Most that results of operators take at once, outputs among them. */
  readonly peak: number;
}

/** Operators that give another view of their input's memory. */
const views: ReadonlySet<string> = new Set(['reshape']);

/** Operators whose result may take the place of an input of the same size that nobody reads later. */
const inPlace: ReadonlySet<string> = new Set(
  (
    'add sub mul div neg abs sqrt exp log sin cos tanh erf relu leakyRelu sigmoid clip softmax ' +
    'sign gelu'
  ).split(' '),
);

/** Bytes of a value. */
export function bytesOf({ shape, dataType }: { shape: readonly number[]; dataType: DataType }) {
  return sizeOf(shape) * bytesPerElement(dataType);
}

/**
 * Memory of a graph whose operators run one after the other, each result being freed after its
 * last use.
 * @param frozen names of the parameters that are part of the graph.
 */
export function graphMemory(
  outputs: readonly Value[],
  frozen: { has(name: string): boolean } = new Set<string>(),
): GraphMemory {
  const order = executionOrder(outputs);
  const kept = new Set(outputs);
  const storage = storages(order);
  const lastUse = new Map<Value, number>();
  order.forEach((node, time) => {
    for (const value of [node, ...node.inputs]) lastUse.set(storage.get(value)!, time);
  });
  for (const value of kept) lastUse.set(storage.get(value)!, order.length);

  const totals = { inputs: 0, constants: 0 };
  let live = 0;
  let peak = 0;
  order.forEach((node, time) => {
    if (isLeaf(node)) {
      const fed = isInput(node) || (isParameter(node) && !frozen.has(node.attributes.name));
      totals[fed ? 'inputs' : 'constants'] += bytesOf(node);
      return;
    }
    const dying = new Set(node.inputs.map((value) => storage.get(value)!));
    for (const value of dying)
      if (isLeaf(value) || lastUse.get(value) !== time) dying.delete(value);
    const size = storage.get(node) === node ? bytesOf(node) : 0;
    const reuses =
      size > 0 &&
      inPlace.has(node.operator.name) &&
      [...dying].some((value) => bytesOf(value) === size);
    live += size;
    peak = Math.max(peak, reuses ? live - size : live);
    for (const value of dying) live -= bytesOf(value);
  });
  const unique = new Set([...kept].map((value) => storage.get(value)!));
  const outputBytes = [...unique].reduce((sum, value) => sum + bytesOf(value), 0);
  return { values: order.length, ...totals, outputs: outputBytes, peak };
}

function isLeaf(value: Value): boolean {
  return isInput(value) || isParameter(value) || isConstant(value);
}

/** The value whose memory each value lies in. */
function storages(order: readonly Value[]): Map<Value, Value> {
  const storage = new Map<Value, Value>();
  for (const node of order)
    storage.set(node, views.has(node.operator.name) ? storage.get(node.inputs[0]!)! : node);
  return storage;
}

/**
 * The order in which ONNX Runtime runs a graph: depth first from the results that nothing reads,
 * the last of them first, and at each operator the input first that comes last in the file.
 */
export function executionOrder(outputs: readonly Value[]): Value[] {
  const file = topologicalOrder(outputs);
  const place = new Map(file.map((node, index) => [node, index]));
  const read = new Set(file.flatMap((node) => node.inputs));
  const stack = file
    .filter((node) => !read.has(node))
    .map((value) => ({ value, inputsDone: false }));
  const visited = new Set<Value>();
  const order: Value[] = [];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { value, inputsDone } = entry;
    if (inputsDone) {
      order.push(value);
      continue;
    }
    if (visited.has(value)) continue;
    visited.add(value);
    stack.push({ value, inputsDone: true });
    const inputs = [...value.inputs].sort((a, b) => place.get(a)! - place.get(b)!);
    for (const input of inputs)
      if (!visited.has(input)) stack.push({ value: input, inputsDone: false });
  }
  return order;
}
