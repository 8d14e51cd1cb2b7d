import { testSecondDerivative, testUnary } from '../testing/elementwise.js';
import { errorFunction } from '../testing/error-function.js';
import { gelu } from './gelu.js';

testUnary(gelu, (x) => (x * (1 + errorFunction(x / Math.SQRT2))) / 2, {
  low: -3,
  high: 3,
  extremes: [-20, 20],
});

testSecondDerivative(gelu);
