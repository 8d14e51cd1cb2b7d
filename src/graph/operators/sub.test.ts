import { testBinary } from '../testing/elementwise.js';
import { sub } from './sub.js';

testBinary(sub, (x, y) => x - y);
