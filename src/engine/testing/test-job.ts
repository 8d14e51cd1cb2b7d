import { defineJob } from '../job.js';

type TestJobs = typeof import('./jobs.js');

/** A job of `jobs.ts` by its name. */
export const testJob = <Name extends keyof TestJobs & string>(name: Name) =>
  defineJob<TestJobs[Name]>(new URL('./jobs.js', import.meta.url), name);
