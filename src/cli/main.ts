#!/usr/bin/env node
import { commands } from './program.js';
import { start } from './start.js';

await start(commands);
