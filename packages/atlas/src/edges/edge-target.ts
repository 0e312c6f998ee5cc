/** A game server as edges know it: whether players get in now, or may wait for it. */
import type { EdgeTarget, GameServerState, GameServerView } from '@horizon-atlas/protocol';

/** undefined: nobody can get there now, and nobody may wait for it. */
const reached: Readonly<Partial<Record<GameServerState, EdgeTarget['state']>>> = {
  Ready: 'up',
  Reserved: 'up',
  Allocated: 'up',
  Activating: 'up',
  Active: 'up',
  Draining: 'draining',
  Maintaining: 'draining',
  Unhealthy: 'draining',
  Sleeping: 'asleep',
  // On its way: who comes now waits for it.
  Scheduled: 'asleep',
  Starting: 'asleep',
  Warming: 'asleep',
};

export const isUp = (state: GameServerState): boolean => reached[state] === 'up';
/** It will be up without being woken. */
export const isComing = (state: GameServerState): boolean => reached[state] === 'asleep' && state !== 'Sleeping';

/** undefined: to edges it is gone. */
export function targetOf({ id, fleet, state: now, ports }: GameServerView): EdgeTarget | undefined {
  const state = reached[now];
  return state && { server: id, fleet, state, ports: ports.map(({ name, host, port }) => ({ name, host, port })) };
}
