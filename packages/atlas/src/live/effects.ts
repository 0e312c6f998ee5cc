/** What an action will do to players, in sentences, before anybody does it. Plain facts for whoever is about to press the button. */

export interface ServerFacts {
  /** Names of the regions that it plays. */
  readonly regions: readonly string[];
  readonly players: number;
  /** Another server is ready to take over at once. */
  readonly spare: boolean;
}

export interface GatewayFacts {
  readonly players: number;
  readonly others: number;
}

export function killServerEffects({ regions, players, spare }: ServerFacts): string[] {
  if (regions.length === 0) return [nobody, 'Another server is started in its place.'];
  return [
    `${playersOf(players, regions)} ${wait(players)} ${spare ? 'about a second' : 'some seconds'} while another server takes over; nobody is disconnected.`,
    'Everything since the last checkpoint, at most a second ago, is done again from what the gateways have kept.',
  ];
}

export function emptyServerEffects({ regions, players, spare }: ServerFacts): string[] {
  if (regions.length === 0) return [nobody, 'It ends, and another one is started in its place.'];
  const how = spare
    ? `${playersOf(players, regions)} ${wait(players)} for a moment, usually less than half a second, while another server takes over after a last checkpoint; nobody is disconnected.`
    : `No other server is ready yet, so this waits for one. ${playersOf(players, regions)} ${wait(players)} for a moment when it takes over; nobody is disconnected.`;
  return [how, 'Then the server ends, and another one is started in its place.'];
}

export function killGatewayEffects({ players, others }: GatewayFacts): string[] {
  if (players === 0) return ['Nobody is connected to it.', 'Another one is started in its place.'];
  return [
    `${count(players)} lose their connection and come back with their session${others > 0 ? ' at another gateway' : ''} in a few seconds.`,
  ];
}

export function drainGatewayEffects({ players, others }: GatewayFacts): string[] {
  const end = 'Then the gateway ends, and another one is started in its place.';
  if (players === 0) return ['Nobody is connected to it.', end];
  const where = others > 0 ? 'at another gateway' : 'at its successor, in a second or two';
  return [`${count(players)} are asked to connect anew and go on with their session ${where}; nothing of it is lost.`, end];
}

export function moveEffects(name: string, region: string, from: string): string[] {
  if (region === from) return [`${name} stands there at once.`];
  return [
    `${name} stands there at once, and crosses from ${from} to ${region} as by a teleport: some ten milliseconds, on the same connection.`,
  ];
}

export function kickEffects(name: string): string[] {
  return [
    `${name} is disconnected with SESSION_KICKED and leaves the world.`,
    'What the player has is kept for the next visit; this is no ban.',
  ];
}

const nobody = 'It plays no region: no player notices.';

function playersOf(players: number, regions: readonly string[]): string {
  return `${count(players)} of ${regions.join(' and ')}`;
}

function wait(players: number): string {
  return players === 1 ? 'waits' : 'wait';
}

function count(players: number): string {
  return players === 1 ? '1 player' : `${players} players`;
}
