#!/usr/bin/env node
import { commands } from './commands/index.js';
import { start } from './start.js';

await start(commands);
