import { testBinary } from '../testing/elementwise.js';
import { add } from './add.js';

testBinary(add, (x, y) => x + y);
