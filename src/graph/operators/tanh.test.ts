import { testSecondDerivative, testUnary } from '../testing/elementwise.js';
import { tanh } from './tanh.js';

testUnary(tanh, Math.tanh, { low: -2, high: 2, extremes: [-50, 50] });

testSecondDerivative(tanh);
