import { parseRecipe } from '../recipe.js';
import { trainHere } from './runs.js';

/** A program that trains a recipe given as JSON in a folder, saving after every step. */
const [json = '', output = ''] = process.argv.slice(2);
await trainHere({ recipe: parseRecipe(JSON.parse(json)), output, saveEvery: 0, logEvery: 1 });
