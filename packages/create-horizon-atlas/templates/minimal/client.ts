/** A player who walks from field to field and back:  npm run client  while `npm start` runs elsewhere. */
import { connect } from 'horizon-atlas/client';
import { developmentAccess } from 'horizon-atlas/client/node';
import { schema } from './schema.ts';

const name = process.argv[2] ?? 'Ann';
const url = process.argv[3] ?? 'wss://127.0.0.1:7777';
const atlas = await connect({ url, schema, ...developmentAccess('.atlas', name) });

atlas.on('chat/said', ({ from, text }) => console.log(`${from} says: ${text}`));
atlas.on('$crossed', ({ from, to, gapMs }) => {
  console.log(`walked from ${from} to ${to}; the picture stood still for ${Math.round(gapMs)} ms`);
  atlas.send('chat/say', { text: `hello from ${to}` });
});
atlas.on('$paused', ({ region }) => console.log(`the server of ${region} is gone, another takes over …`));
atlas.on('$resumed', ({ region }) => console.log(`… and ${region} plays on`));

let side = 1;
console.log(`${name} is in ${atlas.me.region}`);
atlas.send('walk/to', { x: 30, y: 0 });
setInterval(() => {
  side = -side;
  atlas.send('walk/to', { x: 30 * side, y: 0 });
}, 4_000);
