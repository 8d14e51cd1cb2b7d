import { expect, test } from 'vitest';
import { methodText } from '../../benchmark/evaluation/result.js';
import { ParameterError } from '../../utils/errors.js';
import { evaluateOptions } from './evaluate.js';
import { parseMethods } from './evaluate-methods.js';

test('methods are read with their settings and names', () => {
  expect(
    parseMethods('pack:sr4@tau=50@steps=10@name=fast,restorer:my/pack,bicubic,outputs:Net=a=b/c'),
  ).toEqual([
    { kind: 'pack', name: 'fast', pack: 'sr4', sampler: { tau: 50, steps: 10 } },
    { kind: 'restorer', name: 'restorer:my/pack', pack: 'my/pack' },
    { kind: 'bicubic', name: 'bicubic' },
    { kind: 'outputs', name: 'Net', folder: 'a=b/c' },
  ]);
});

test('modules may be swapped and the training left', () => {
  const text = 'pack:x@denoiser=a@b/d.onnx@fusion=f.safetensors@tau=400@beyond-training=true';
  expect(parseMethods(text)).toEqual([
    {
      ...{ kind: 'pack', name: 'pack:x', pack: 'x', sampler: { tau: 400 } },
      modules: { denoiser: 'a@b/d.onnx', fusion: 'f.safetensors' },
      beyondTraining: true,
    },
  ]);
});

test('tau and steps for all packs give way to those of one', () => {
  const defaults = { tau: 30, steps: undefined };
  expect(parseMethods('pack:a,pack:b@tau=7,restorer:a', defaults)).toEqual([
    { kind: 'pack', name: 'pack:a', pack: 'a', sampler: { tau: 30 } },
    { kind: 'pack', name: 'pack:b', pack: 'b', sampler: { tau: 7 } },
    { kind: 'restorer', name: 'restorer:a', pack: 'a' },
  ]);
});

test('what a command says of a method is read as that method', () => {
  const texts = [
    ...['bicubic', 'input@name=blurred', 'outputs:Net=some/where'],
    ...['restorer:x@restorer=r.pth@tile=128@name=r', 'pack:x@fusion=f.st@frames=3@name=p'],
  ];
  for (const text of texts) {
    const [method] = parseMethods(text);
    expect(parseMethods(methodText(method!, {}))).toEqual([method]);
  }
});

test.each([
  'magic',
  'pack:',
  'pack:x@tau=none',
  'pack:x@speed=fast',
  'restorer:x@tau=5',
  'bicubic@tau=5',
  'outputs:x',
  '',
])('%j is refused', (text) => {
  expect(() => parseMethods(text)).toThrow(ParameterError);
  expect(() => parseMethods(text)).toThrow('--methods: expected');
});

test.each([
  ['0-4', [0, 1, 2, 3, 4]],
  ['7', [7]],
  ['1,3,10-11', [1, 3, 10, 11]],
])('the seeds %s are %j', (text, seeds) => {
  expect(evaluateOptions.parse({ output: 'x', seeds: text }).seeds).toEqual(seeds);
});

test.each(['4-0', 'a', '1-', '1.5', ''])('the seeds %j are refused', (seeds) => {
  expect(evaluateOptions.safeParse({ output: 'x', seeds }).success).toBe(false);
});
