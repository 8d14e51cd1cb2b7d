import { testSecondDerivative, testUnary } from '../testing/elementwise.js';
import { log } from './log.js';

testUnary(log, Math.log, { low: 0.5, high: 4, extremes: [1e-30, 1e30] });

testSecondDerivative(log, { low: 0.5, high: 3 });
