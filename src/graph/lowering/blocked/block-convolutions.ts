import { sizeOf, type Tensor } from '../../../tensor/tensor.js';
import { isConstant, isParameter } from '../../leaves.js';
import type { ConvolutionGeometry, WeightGradient } from '../../operators/convolutions.js';
import { reshape, slice } from '../../operators/layout.js';
import { apply, mapOutputs, topologicalOrder, type Value } from '../../value.js';
import { writeWeightGradients } from '../weight-gradient-products.js';
import { blockKernels, type ChannelRange, channelSums } from './blocked-operators.js';
import { joinShifts } from './join-shifts.js';
import {
  type ConvolutionSum,
  type Forms,
  joinSums,
  partOfSum,
  scaleSum,
  ValueForms,
  writeSum,
} from './value-forms.js';
import {
  enoughChannels,
  isBlockedWeightGradient,
  joinWeightGradients,
} from './weight-gradients.js';

/**
 * The same outputs with convolutions whose kernels are not known beforehand carried out on blocked
 * channels, and what lies between them too.
 *
 * ONNX Runtime does so by itself, but only where the kernels are constants: a training step takes
 * a third longer without. Convolutions over joined features become sums of one per part, parts of
 * a convolution's result convolutions with some of the filters, and sums, constant factors and
 * rectifiers are taken up by the convolutions. Results change by rounding only.
 * @param block channels of a block on the processor that the graph is for.
 * @param weights parameters that are constants of the graph: the runtime does those itself.
 */
export function blockConvolutions<Outputs extends Readonly<Record<string, Value>>>(
  outputs: Outputs,
  block: number,
  weights: ReadonlyMap<string, Tensor>,
): Record<keyof Outputs, Value> {
  const prepared = joinShifts(
    writeWeightGradients(outputs, (node) => isBlockedWeightGradient(node, block)),
  );
  const { forms } = new BlockingPass(Object.values(prepared), block, weights);
  return mapOutputs(prepared, (value) => forms.plain(value));
}

class BlockingPass {
  readonly #block: number;
  readonly forms: ValueForms;
  readonly #readers = new Map<Value, Value[]>();
  readonly #kernels = new Map<Value, Value>();
  readonly #known: Set<Value>;

  constructor(outputs: readonly Value[], block: number, weights: ReadonlyMap<string, Tensor>) {
    this.#block = block;
    this.forms = new ValueForms(block);
    const order = topologicalOrder(outputs);
    for (const node of order) for (const value of node.inputs) this.#readersOf(value).push(node);
    // An output is read by the world, which no operator can join.
    for (const value of outputs) this.#readersOf(value).push(value, value);
    this.#known = knownValues(order, weights);
    for (const node of order) this.forms.set(node, this.#rewritten(node));
  }

  #fits({ shape, dataType }: Value): boolean {
    return shape.length === 4 && dataType === 'float32' && shape[1]! % this.#block === 0;
  }

  #readersOf(value: Value): Value[] {
    let readers = this.#readers.get(value);
    if (readers === undefined) {
      readers = [];
      this.#readers.set(value, readers);
    }
    return readers;
  }

  #rewritten(node: Value): Forms {
    return (
      this.#convolution(node) ??
      this.#weightGradient(node) ??
      this.#weightGradients(node) ??
      this.#channelSums(node) ??
      this.#part(node) ??
      this.#joined(node) ??
      this.#sum(node) ??
      this.#rectified(node) ??
      this.#elementwise(node) ?? {
        plain: node.inputs.every((value) => this.forms.of(value).plain === value)
          ? node
          : apply(
              node.operator,
              node.inputs.map((value) => this.forms.plain(value)),
              node.attributes,
            ),
      }
    );
  }

  #convolution(node: Value): Forms | undefined {
    if (node.operator.name !== 'conv2d') return undefined;
    const [x, weight, bias] = node.inputs as [Value, Value, Value | undefined];
    const geometry = node.attributes as ConvolutionGeometry;
    const fits = geometry.groups === 1 && this.#fits(x) && this.#fits(node);
    if (!fits || this.#known.has(weight)) return undefined;
    const taps = weight.shape.slice(2) as [number, number];
    // The runtime multiplies matrices for a single tap: as fast, and no layout changes.
    if (taps[0] * taps[1] === 1 && !this.forms.isBlocked(x)) return undefined;
    const kernels = this.#blockedKernels(weight);
    const parts = this.forms.of(x).parts ?? [this.forms.blocked(x)];
    let start = 0;
    const terms = parts.map((part, index) => {
      const channels: ChannelRange = [start, start + part.shape[1]!];
      start = channels[1];
      return {
        x: part,
        kernels,
        filters: [0, node.shape[1]!] as const,
        channels,
        taps,
        bias: index === 0 && bias ? this.forms.plain(bias) : undefined,
        geometry,
      };
    });
    return { sum: { terms, addends: [] } };
  }

  #weightGradient(node: Value): Forms | undefined {
    if (node.operator.name !== 'conv2dWeightGradient') return undefined;
    const [x, upstream] = node.inputs as [Value, Value];
    const image = enoughChannels(this.forms.turned(x), this.#block);
    const terms = [{ image, upstream: this.forms.blocked(upstream) }];
    return { weightGradient: { attributes: node.attributes as WeightGradient, terms } };
  }

  /** Gradients that nothing else reads, added to each other. */
  #weightGradients(node: Value): Forms | undefined {
    if (node.operator.name !== 'add') return undefined;
    const [a, b] = node.inputs.map((value) =>
      this.#readersOf(value).length === 1 ? this.forms.of(value).weightGradient : undefined,
    );
    const weightGradient = a && b && joinWeightGradients(a, b);
    return weightGradient && { weightGradient };
  }

  /** Sums of all pixels of blocked channels, as gradients of biases are. */
  #channelSums(node: Value): Forms | undefined {
    const [x] = node.inputs;
    if (node.operator.name !== 'reduceSum' || !this.forms.isBlocked(x!)) return undefined;
    const { axes } = node.attributes as { readonly axes: readonly number[] };
    if (axes.join() !== '0,2,3') return undefined;
    return { plain: reshape(channelSums(this.forms.blocked(x!)), node.shape) };
  }

  #blockedKernels(weight: Value): Value {
    let kernels = this.#kernels.get(weight);
    if (kernels === undefined) {
      kernels = blockKernels(this.forms.plain(weight), this.#block);
      this.#kernels.set(weight, kernels);
    }
    return kernels;
  }

  /** Whether `node` is a range of whole blocks of the channels of `value`. */
  #isPart(node: Value, value: Value): boolean {
    if (node.operator.name !== 'slice' || node.inputs[0] !== value) return false;
    const { axis, start, end, step } = node.attributes as SliceAttributes;
    return axis === 1 && step === 1 && start % this.#block === 0 && end % this.#block === 0;
  }

  #part(node: Value): Forms | undefined {
    const x = node.inputs[0];
    if (x === undefined || !this.#isPart(node, x) || !this.#fits(x)) return undefined;
    const { start, end } = node.attributes as SliceAttributes;
    const { sum, blocked } = this.forms.of(x);
    const partsAlone = this.#readersOf(x).every((reader) => this.#isPart(reader, x));
    if (sum !== undefined && blocked === undefined && partsAlone)
      return { sum: partOfSum(sum, [start, end]) };
    return this.forms.isBlocked(x)
      ? { blocked: slice(this.forms.blocked(x), 1, start, end) }
      : undefined;
  }

  #joined(node: Value): Forms | undefined {
    if (node.operator.name !== 'concat') return undefined;
    const { axis } = node.attributes as { readonly axis: number };
    const fits = axis === 1 && node.inputs.every((value) => this.#fits(value));
    if (!fits || !node.inputs.some((value) => this.forms.isBlocked(value))) return undefined;
    return {
      parts: node.inputs.flatMap(
        (value) => this.forms.of(value).parts ?? this.forms.blocked(value),
      ),
    };
  }

  /** The unwritten sum of a value that nothing else reads. */
  #ownSum(value: Value): ConvolutionSum | undefined {
    const { sum, blocked } = this.forms.of(value);
    return blocked === undefined && this.#readersOf(value).length === 1 ? sum : undefined;
  }

  #sum(node: Value): Forms | undefined {
    const { name } = node.operator;
    if (name !== 'add' && name !== 'mul') return undefined;
    const [a, b] = node.inputs as [Value, Value];
    for (const [value, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const sum = this.#ownSum(value);
      if (sum === undefined) continue;
      if (name === 'mul') {
        if (isConstant(other) && sizeOf(other.shape) === 1 && sum.addends.length === 0)
          return { sum: scaleSum(sum, this.forms.plain(other)) };
      } else if (other.shape.join() === node.shape.join()) {
        const otherSum = this.#ownSum(other);
        if (otherSum !== undefined && other !== value) return { sum: joinSums(sum, otherSum) };
        return { sum: joinSums(sum, { terms: [], addends: [this.forms.blocked(other)] }) };
      }
    }
    return undefined;
  }

  #rectified(node: Value): Forms | undefined {
    const { name } = node.operator;
    if (name !== 'relu' && name !== 'leakyRelu') return undefined;
    const sum = this.#ownSum(node.inputs[0]!);
    if (sum === undefined) return undefined;
    const slope = name === 'relu' ? 0 : (node.attributes as { readonly slope: number }).slope;
    return { blocked: writeSum(sum, this.#block, slope) };
  }

  /** Elementwise work on blocked values, where every operand is one or a single number. */
  #elementwise(node: Value): Forms | undefined {
    if (!elementwise.has(node.operator.name)) return undefined;
    const shape = node.shape.join();
    const large = node.inputs.filter((value) => sizeOf(value.shape) > 1);
    const fits = large.every(
      (value) => value.shape.join() === shape && value.shape[1]! % this.#block === 0,
    );
    if (!fits || !large.some((value) => this.forms.isBlocked(value))) return undefined;
    if (large.some((value) => !this.forms.isBlocked(value) && value.dataType !== 'float32'))
      return undefined;
    const inputs = node.inputs.map((value) =>
      sizeOf(value.shape) > 1 ? this.forms.blocked(value) : this.forms.plain(value),
    );
    return { blocked: apply(node.operator, inputs, node.attributes) };
  }
}

interface SliceAttributes {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The values that depend on constants alone. */
function knownValues(order: readonly Value[], weights: ReadonlyMap<string, Tensor>): Set<Value> {
  const known = new Set<Value>();
  for (const node of order) {
    const leaf = node.inputs.length === 0;
    const fixed = isParameter(node) ? weights.has(node.attributes.name) : isConstant(node);
    if (leaf ? fixed : node.inputs.every((value) => known.has(value))) known.add(node);
  }
  return known;
}

/** Operators whose result at a place depends on their operands at that place alone. */
const elementwise: ReadonlySet<string> = new Set([
  'abs',
  'add',
  'cast',
  'clip',
  'cos',
  'div',
  'equal',
  'erf',
  'exp',
  'greater',
  'leakyRelu',
  'log',
  'mul',
  'neg',
  'prelu',
  'relu',
  'sigmoid',
  'sign',
  'sin',
  'sqrt',
  'stopGradient',
  'sub',
  'tanh',
  'where',
]);
