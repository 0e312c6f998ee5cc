/** A region whose players stand far apart and do nothing, once a second: what is left is what a connection costs by itself. */

import { schema } from '@horizon-atlas/example-sol/schema.ts';
import { defineRegion, serveRegion } from '@horizon-atlas/sdk-server';

/** Farther than anybody sees. */
const APART = 400;
const ROW = 100;
let places = 0;

const idle = defineRegion({
  schema,
  tickHz: 1,
  spawn({ name, at }) {
    const n = places++;
    const position = at ?? { x: APART * (n % ROW), y: APART * Math.floor(n / ROW), z: 0 };
    return { position, entity: { name, role: 'pilot' as const, hull: 100 }, data: {} };
  },
  commands: {},
});

serveRegion(idle);
