import type { Hold } from './proxy.ts';

export interface Rounds {
  readonly hold: Hold;
  /** How many answers each round had. */
  readonly sizes: number[];
}

/**
 * In milliseconds. After this time, every call that can be made has been made, even on a busy
 * machine.
 */
const quiet = 120;

/**
 * Holds all answers back until no further call comes in, and then releases them at once: a round.
 * The number of rounds is the number of sequential steps of a reading, however fast the machine is.
 */
export function countRounds(): Rounds {
  const sizes: number[] = [];
  let unanswered = 0;
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const release = (): void => {
    if (unanswered > 0 || waiting.length === 0) return;
    sizes.push(waiting.length);
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  };
  const restart = (): void => {
    clearTimeout(timer);
    timer = setTimeout(release, quiet);
  };
  return {
    sizes,
    hold: () => {
      unanswered++;
      restart();
      return () =>
        new Promise((resolve) => {
          unanswered--;
          waiting.push(resolve);
          restart();
        });
    },
  };
}
