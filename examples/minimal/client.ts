/** A player who walks from field to field and back, and says so:  node client.ts [name]  while `atlas up` runs. */
import { connect } from '@horizon-atlas/sdk-client';
import { developmentAccess } from '@horizon-atlas/sdk-client/node';
import { schema } from './schema.ts';

const name = process.argv[2] ?? 'Ann';
const url = process.argv[3] ?? 'wss://127.0.0.1:7777';
const atlas = await connect({ url, schema, ...developmentAccess('.atlas', name) });

atlas.on('chat/said', ({ from, text, nth }) => console.log(`${from} says: ${text} (their ${nth}. word)`));
atlas.on('$crossed', ({ from, to, gapMs }) => {
  console.log(`walked from ${from} to ${to}; the picture stood still for ${Math.round(gapMs)} ms`);
  atlas.send('chat/say', { text: `hello from ${to}` });
});
atlas.on('$paused', ({ region }) => console.log(`the server of ${region} is gone, another takes over …`));
atlas.on('$resumed', ({ region }) => console.log(`… and ${region} plays on`));

let side = 1;
const walk = () => atlas.send('walk/to', { x: 30 * side, y: 0 });
console.log(`${name} is in ${atlas.me.region}`);
walk();
setInterval(() => {
  side = -side;
  walk();
}, 4_000);
