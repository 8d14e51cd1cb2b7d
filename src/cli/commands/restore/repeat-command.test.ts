import { expect, test } from 'vitest';
import { repeatCommand } from './repeat-command.js';

const settings = {
  tau: 250,
  steps: 50,
  start: 'accelerated',
  sampler: 'ddim',
  eta: 0,
  variance: 'large',
  noiseLevel: 'tracked',
} as const;
const options = { task: 'sr4', device: 'cpu', beyondTraining: false } as const;
const result = { consistency: 'exact', detail: 0.5 } as const;
const facts = { settings, result, seed: 3, tile: 1024 };

test('nothing that changes the bytes is left to defaults', () => {
  expect(repeatCommand({ input: 'a.png', output: 'b.png' }, options, facts)).toBe(
    'dp-ir restore -i a.png -o b.png --task sr4 --model sr4 --tau 250 --steps 50' +
      ' --start accelerated --sampler ddim --eta 0 --variance large --noise-level tracked' +
      ' --consistency exact --detail 0.5 --seed 3 --device cpu --tile 1024',
  );
});

test('the ancestral sampler has no eta; bounds that were raised stay raised', () => {
  const ancestral = { ...facts, settings: { ...settings, sampler: 'ancestral' as const } };
  const raised = { ...options, model: './own', maxPixels: 2 ** 30, beyondTraining: true };
  const repeated = repeatCommand({ input: 'a.png', output: 'b.png' }, raised, ancestral);
  expect(repeated).not.toContain('--eta');
  expect(repeated).toContain('--model ./own');
  expect(repeated).toContain('--max-pixels 1073741824 --beyond-training');
});

test('without a task the pack alone is named', () => {
  const { task: _task, ...untold } = options;
  const repeated = repeatCommand({ input: 'a.png', output: 'b.png' }, untold, facts);
  expect(repeated).toContain('-o b.png --model sr4 --tau');
});

test('modules that were swapped are swapped again', () => {
  const swapped = { ...options, restorer: 'a.onnx', restorerContract: 'a.json', fusion: 'f.pth' };
  expect(repeatCommand({ input: 'a.png', output: 'b.png' }, swapped, facts)).toContain(
    ' --model sr4 --restorer a.onnx --restorer-contract a.json --fusion f.pth --tau 250',
  );
});

test('a shell reads names as they are', () => {
  const repeated = repeatCommand({ input: "it's a.png", output: '-b$.png' }, options, facts);
  expect(repeated).toContain("-i 'it'\\''s a.png' -o './-b$.png' ");
});

test('a burst names its reference and scale, and patterns are quoted', () => {
  const none = { repeated: 0, left: [], different: [], motions: [], notes: [] };
  const burst = { ...none, used: ['b/2.dng', 'b/1.dng'], scale: 1 };
  const asked = { ...options, task: 'burst', frames: 8, region: 2048 } as const;
  const target = { input: ['b/*.dng', 'c/3.dng'], output: 'b.png' };
  const repeated = repeatCommand(target, asked, { ...facts, burst });
  expect(repeated).toContain("-i 'b/*.dng' c/3.dng -o b.png --task burst --model burst ");
  expect(repeated).toContain(' --reference b/2.dng --scale 1 --frames 8 ');
  expect(repeated).toContain(' --region 2048');
});
