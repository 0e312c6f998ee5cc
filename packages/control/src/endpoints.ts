/** Every endpoint of the API, in the order in which the reference shows them. */
import type { Endpoint } from './endpoint.ts';
import { aboutEndpoints } from './endpoints/about.ts';
import { accessEndpoints } from './endpoints/access.ts';
import { actionEndpoints } from './endpoints/actions.ts';
import { agonesAllocationEndpoints } from './endpoints/agones-allocation.ts';
import { consoleEndpoints } from './endpoints/consoles.ts';
import { edgeEndpoints } from './endpoints/edges.ts';
import { fleetEndpoints } from './endpoints/fleets.ts';
import { gameEndpoints } from './endpoints/games.ts';
import { happeningEndpoints } from './endpoints/happenings.ts';
import { matchmakingEndpoints } from './endpoints/matchmaking.ts';
import { matchmakingStreams } from './endpoints/matchmaking-streams.ts';
import { oidcEndpoints } from './endpoints/oidc.ts';
import { partyEndpoints } from './endpoints/parties.ts';
import { rolloutEndpoints } from './endpoints/rollouts.ts';
import { streamEndpoints } from './endpoints/streams.ts';
import { worldEndpoints } from './endpoints/world.ts';

export const endpoints: readonly Endpoint[] = [
  ...aboutEndpoints,
  ...worldEndpoints,
  ...edgeEndpoints,
  ...consoleEndpoints,
  ...happeningEndpoints,
  ...streamEndpoints,
  ...actionEndpoints,
  ...fleetEndpoints,
  ...agonesAllocationEndpoints,
  ...gameEndpoints,
  ...matchmakingEndpoints,
  ...matchmakingStreams,
  ...partyEndpoints,
  ...rolloutEndpoints,
  ...accessEndpoints,
  ...oidcEndpoints,
];
