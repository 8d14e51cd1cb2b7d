import { testBinary } from '../testing/elementwise.js';
import { div } from './div.js';

testBinary(div, (x, y) => x / y, { low: 0.5, high: 2 });
