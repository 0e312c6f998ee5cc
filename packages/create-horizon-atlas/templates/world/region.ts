/** The program that Atlas starts for each region that is awake. */
import { serveRegion } from 'horizon-atlas/server';
import { game } from './game.ts';

await serveRegion(game);
