import { testSecondDerivative, testUnary } from '../testing/elementwise.js';
import { errorFunction } from '../testing/error-function.js';
import { erf } from './erf.js';

testUnary(erf, errorFunction, { low: -3, high: 3, extremes: [-20, 20] });

testSecondDerivative(erf);
