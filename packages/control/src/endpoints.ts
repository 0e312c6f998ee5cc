/** Every endpoint of the API, in the order in which the reference shows them. */
import type { Endpoint } from './endpoint.ts';
import { aboutEndpoints } from './endpoints/about.ts';
import { accessEndpoints } from './endpoints/access.ts';
import { actionEndpoints } from './endpoints/actions.ts';
import { happeningEndpoints } from './endpoints/happenings.ts';
import { oidcEndpoints } from './endpoints/oidc.ts';
import { streamEndpoints } from './endpoints/streams.ts';
import { worldEndpoints } from './endpoints/world.ts';

export const endpoints: readonly Endpoint[] = [
  ...aboutEndpoints,
  ...worldEndpoints,
  ...happeningEndpoints,
  ...streamEndpoints,
  ...actionEndpoints,
  ...accessEndpoints,
  ...oidcEndpoints,
];
