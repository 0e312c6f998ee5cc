/** All checkers of a world. */
import type { Checker } from './checker.ts';
import { exactlyOnce } from './exactly-once.ts';
import { onePlace } from './one-place.ts';
import { oneWriter } from './one-writer.ts';
import { openSocket } from './open-socket.ts';
import { recovers } from './recovers.ts';
import { trueResume } from './true-resume.ts';
import { wholeGroups } from './whole-groups.ts';

export const allCheckers: () => Checker[] = () => [
  oneWriter(),
  exactlyOnce(),
  onePlace(),
  openSocket(),
  recovers(),
  trueResume(),
  wholeGroups(),
];
