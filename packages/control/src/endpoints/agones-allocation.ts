/** `POST /gameserverallocation` for the document. It is answered by allocation-route.ts: the router has `/api/v1` alone. */
import { type Endpoint, endpoint } from '../endpoint.ts';
import { AllocatedServer, AllocationRefusal, AllocationRequest } from '../resources/agones-allocation.ts';

export const agonesAllocationEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'POST',
    path: '/gameserverallocation',
    name: 'allocate',
    tag: 'fleets',
    summary: 'Take a game server, as Agones’ allocator service has it',
    description: [
      'A refusal is Agones’ own, with the code as `reason`. `metaPatch`, `preferredGameServerSelectors` and `requiredGameServerSelector` are understood as Agones does.',
      'A body of the Kubernetes resource (`spec.selectors`, …) is answered with its `status`: `Allocated`, or `UnAllocated` where nothing is ready.',
      'Clients of Kubernetes create the resource at `/apis/allocation.agones.dev/v1/namespaces/…/gameserverallocations`, and are refused in Kubernetes’ words (`Status`).',
      'By gRPC, at the same port: `allocation.AllocationService/Allocate` of Agones’ allocation.proto.',
    ].join(' '),
    scope: 'operate',
    body: AllocationRequest,
    answer: { kind: 'json', shape: AllocatedServer },
    refusals: ['FLEET_UNKNOWN', 'ALLOCATION_NONE_READY', 'ALLOCATION_QUEUE_FULL', 'ALLOCATION_ENDED'],
    refusalShape: AllocationRefusal,
    unkept: true,
    run() {
      throw new Error('allocation-route.ts answers this');
    },
  }),
];
