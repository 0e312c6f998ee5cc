/** Atlas about itself: the status on one page, and the description of this API. */
import { type Endpoint, endpoint } from '../endpoint.ts';
import { Status } from '../resources/status.ts';

export const aboutEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/v1/status',
    name: 'getStatus',
    tag: 'about',
    summary: 'The whole installation on one page',
    scope: 'read',
    answer: { kind: 'json', shape: Status },
    run: ({ context }) => context.deps.status(),
  }),
];
