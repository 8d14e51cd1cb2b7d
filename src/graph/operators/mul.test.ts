import { testBinary } from '../testing/elementwise.js';
import { mul } from './mul.js';

testBinary(mul, (x, y) => x * y);
