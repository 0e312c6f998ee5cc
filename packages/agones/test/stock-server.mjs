// A game server on the published Node.js SDK of Agones, as its documentation has it: nothing in here knows of Atlas. Prints one JSON line a step.
import AgonesSDK from '@google-cloud/agones-sdk';

const say = (step, value) => console.log(JSON.stringify({ step, value }));
const agones = new AgonesSDK();
process.on('unhandledRejection', (error) => {
  say('failed', String(error?.message ?? error));
  process.exit(1);
});

await agones.connect();
say('connected');

const states = [];
agones.watchGameServer(
  (gameServer) => {
    if (states.at(-1) !== gameServer.status.state) states.push(gameServer.status.state);
  },
  () => {},
);
agones.health((error) => say('health failed', error.message));
const pinging = setInterval(() => agones.health(() => {}), 100);

await agones.setLabel('map', 'harbour');
await agones.setAnnotation('session', JSON.stringify({ mode: 'duel', rounds: 3 }));
await agones.ready();
say('ready');

const gameServer = await agones.getGameServer();
say('gameserver', gameServer);

say('counter', await agones.beta.getCounterCount('rooms'));
await agones.beta.incrementCounter('rooms', 2);
await agones.beta.decrementCounter('rooms', 1);
say('counter after', await agones.beta.getCounterCount('rooms'));
await agones.beta.setCounterCount('rooms', 0);
await agones.beta.setCounterCapacity('rooms', 20);
say('counter reset', [await agones.beta.getCounterCount('rooms'), await agones.beta.getCounterCapacity('rooms')]);
say(
  'counter refused',
  await agones.beta.incrementCounter('rooms', 21).then(
    () => 'taken',
    (error) => error.code,
  ),
);
say(
  'counter unknown',
  await agones.beta.getCounterCount('nothing').then(
    () => 'taken',
    (error) => error.code,
  ),
);

await agones.beta.appendListValue('players', 'ann');
await agones.beta.appendListValue('players', 'bob');
await agones.beta.deleteListValue('players', 'ann');
await agones.beta.setListCapacity('players', 7);
say('list', [
  await agones.beta.getListValues('players'),
  await agones.beta.getListLength('players'),
  await agones.beta.getListCapacity('players'),
  await agones.beta.listContains('players', 'bob'),
]);
say(
  'list refused',
  await agones.beta.appendListValue('players', 'bob').then(
    () => 'taken',
    (error) => error.code,
  ),
);

await agones.alpha.setPlayerCapacity(2);
say('players', [
  await agones.alpha.playerConnect('cat'),
  await agones.alpha.playerConnect('cat'),
  await agones.alpha.getPlayerCount(),
  await agones.alpha.getPlayerCapacity(),
  await agones.alpha.isPlayerConnected('cat'),
  await agones.alpha.getConnectedPlayers(),
  await agones.alpha.playerDisconnect('cat'),
]);

await agones.reserve(10);
await agones.allocate();
say('allocated', (await agones.getGameServer()).status.state);
say(
  'label refused',
  await agones.setLabel('x'.repeat(300), 'y').then(
    () => 'taken',
    (error) => error.code,
  ),
);

// The watch is a stream of its own: it has told everything once it tells of what is done last.
await agones.setAnnotation('last', 'yes');
for (let i = 0; i < 100 && !states.includes('Allocated'); i++) await new Promise((resolve) => setTimeout(resolve, 20));
say('watched', states);

await agones.shutdown();
say('shut down');
clearInterval(pinging);
agones.close();
// As in Agones' own example: the SDK's connections for beta and alpha stay open.
process.exit(0);
