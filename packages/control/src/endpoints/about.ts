/** Atlas about itself: the status on one page, and the description of this API. */

import { z } from 'zod';
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
  endpoint({
    method: 'GET',
    path: '/api/v1/openapi.json',
    name: 'getOpenApi',
    tag: 'about',
    summary: 'This document',
    scope: null,
    answer: { kind: 'json', shape: z.looseObject({ openapi: z.string() }) },
    // Not imported above: the document is made of these endpoints.
    run: async ({ context }) => (await import('../openapi.ts')).apiDocument(context.deps.status().version),
  }),
];
