import type { PaperTable } from '../table.js';
import { table01 } from './table-01.js';
import { table02 } from './table-02.js';
import { table03 } from './table-03.js';
import { table04 } from './table-04.js';
import { table05 } from './table-05.js';
import { table06 } from './table-06.js';
import { table07 } from './table-07.js';
import { table08 } from './table-08.js';
import { table09 } from './table-09.js';
import { table10 } from './table-10.js';
import { table11 } from './table-11.js';
import { table12 } from './table-12.js';
import { table13 } from './table-13.js';

/** Every table of the paper, by its number. */
export const tables: readonly PaperTable[] = [
  ...[table01, table02, table03, table04, table05, table06, table07],
  ...[table08, table09, table10, table11, table12, table13],
];
