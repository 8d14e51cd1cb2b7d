/**
 * The names of all tasks, as manifests, recipes and the command line write them. Each room that
 * treats tasks differently has one table with a row per name: `tasks` in this room, `trainingTasks`,
 * `evaluationTasks` and the recipe flags of the command line. A missing row does not compile.
 *
 * The names stand in a file of their own so that the command line reads options without loading
 * networks.
 */
export const taskNames = ['sr4', 'deblur', 'burst'] as const;

export type TaskName = (typeof taskNames)[number];

/** The task where none is named. A pack of the same name is shipped. */
export const DEFAULT_TASK = 'sr4' satisfies TaskName;
