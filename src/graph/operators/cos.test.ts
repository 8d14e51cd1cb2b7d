import { testSecondDerivative, testUnary } from '../testing/elementwise.js';
import { cos } from './cos.js';

testUnary(cos, Math.cos, { low: -3, high: 3 });

testSecondDerivative(cos);
