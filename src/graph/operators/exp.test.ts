import { testSecondDerivative, testUnary } from '../testing/elementwise.js';
import { exp } from './exp.js';

testUnary(exp, Math.exp, { low: -3, high: 2, extremes: [-200, 10] });

testSecondDerivative(exp);
