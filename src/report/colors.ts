import { Chalk } from 'chalk';
import type { Paint } from './style.ts';

// Whether a terminal shows colors was decided before: chalk's own answer is not asked for.
const chalk = new Chalk({ level: 1 });

/** The colors of a terminal. */
export const colors: Paint = {
  colored: true,
  good: chalk.green,
  bad: chalk.red,
  doubtful: chalk.yellow,
  strong: chalk.bold,
  faint: chalk.dim,
};
