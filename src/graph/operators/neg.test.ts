import { testUnary } from '../testing/elementwise.js';
import { neg } from './neg.js';

testUnary(neg, (x) => -x);
