import { testReduction } from '../testing/reductions.js';
import { sample } from '../testing/tensors.js';
import { reduceMean } from './reduce-mean.js';

const mean = (elements: readonly number[]) =>
  elements.reduce((sum, value) => sum + value, 0) / elements.length;

testReduction(reduceMean, mean, sample([2, 3, 4], 1));
