import { testUnary } from '../testing/elementwise.js';
import { abs } from './abs.js';

testUnary(abs, Math.abs, { gap: 0.1, extremes: [0, -1e30] });
