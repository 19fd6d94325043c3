import { Chalk } from 'chalk';
import type { Paint } from './style.ts';

// The program has already decided whether the terminal shows colors, so chalk does not detect this.
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
