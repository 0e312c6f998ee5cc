// A game server written for Agones, with its published SDK; nothing in here knows of Atlas. It is ready, and does what its labels' setter wants.
import AgonesSDK from '@google-cloud/agones-sdk';

const agones = new AgonesSDK();
await agones.connect();
agones.health(() => {});
setInterval(() => agones.health(() => {}), 1000);
agones.watchGameServer(
  ({ status }) => console.log(`state ${status.state}`),
  () => {},
);
await agones.setLabel('build', process.env.BUILD ?? 'first');
if (process.env.BUILD === 'broken') process.exit(3);
await agones.beta.incrementCounter('rooms', 1);
await agones.ready();
console.log('ready');
