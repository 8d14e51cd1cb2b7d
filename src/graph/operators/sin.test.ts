import { testSecondDerivative, testUnary } from '../testing/elementwise.js';
import { sin } from './sin.js';

testUnary(sin, Math.sin, { low: -3, high: 3 });

testSecondDerivative(sin);
