import { testSecondDerivative, testUnary } from '../testing/elementwise.js';
import { sqrt } from './sqrt.js';

testUnary(sqrt, Math.sqrt, { low: 0.5, high: 4, extremes: [0, 1e-30, 1e30] });

testSecondDerivative(sqrt, { low: 0.5, high: 3 });
