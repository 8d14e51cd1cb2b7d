import { testSecondDerivative, testUnary } from '../testing/elementwise.js';
import { sigmoid } from './sigmoid.js';

testUnary(sigmoid, (x) => 1 / (1 + Math.exp(-x)), { low: -3, high: 3, extremes: [-80, 80] });

testSecondDerivative(sigmoid);
