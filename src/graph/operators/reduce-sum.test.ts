import { testReduction } from '../testing/reductions.js';
import { sample } from '../testing/tensors.js';
import { reduceSum } from './reduce-sum.js';

testReduction(
  reduceSum,
  (elements) => elements.reduce((sum, value) => sum + value, 0),
  sample([2, 3, 4], 1),
);
