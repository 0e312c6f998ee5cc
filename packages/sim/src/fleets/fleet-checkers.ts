/** What may never happen to fleets, each as a checker that throws a Violation; proved by mutations in fleet-mutations.test.ts. */
import { type FleetView, type GameServerView, keys, type SessionResult } from '@horizon-atlas/protocol';
import { Violation } from '../checkers/checker.ts';
import { holdIsObeyed, hungIsFound, ordersAreObeyed, sleepIsFree, starvedIsNotHung } from './fleet-order-checkers.ts';
import { countsAreTrue, fillsFirst } from './fleet-packing-checkers.ts';
import type { SimProcess } from './fleet-processes.ts';
import type { FleetWorld } from './fleet-world.ts';

export interface FleetChecker {
  readonly name: string;
  /** Whoever asked was told that it has this server. */
  answered?(requestId: string, server: string, world: FleetWorld): void;
  /** A process has begun a session. */
  given?(process: SimProcess, requestId: string, world: FleetWorld): void;
  /** A process is asked to end, or ended, by the control plane. */
  stopping?(server: string, world: FleetWorld): void;
  /** It is stopped in its tracks by the control plane. */
  freezing?(server: string, world: FleetWorld): void;
  /** It was told to whoever listens to results. */
  result?(result: SessionResult, world: FleetWorld): void;
  /** A new control plane has looked at what there is. */
  restarted?(world: FleetWorld): void;
  /** Of a server: after each change. */
  changed?(view: GameServerView, gone: boolean, world: FleetWorld): void;
  viewed?(view: FleetView, world: FleetWorld): void;
  /** A few times a second, while the control plane is there. */
  now?(world: FleetWorld): void;
  /** Nothing goes wrong any more, and has not for minutes. */
  over?(world: FleetWorld): void;
}

/** A server that somebody was told to have is nobody else's until that is over, beyond those for whom it has room. */
export function oneHolder(): FleetChecker {
  const name = 'one-holder';
  return {
    name,
    answered(requestId, server, world) {
      const others = world.heldOn(server).filter(({ id }) => id !== requestId);
      if (others.length < world.habits.sessionsPerServer) return;
      throw new Violation(name, `${server} was given to ${requestId}, and ${others.map(({ id }) => id).join(', ')} has it`);
    },
    given(process, requestId, world) {
      const others = [...process.sessions].filter((each) => each !== requestId);
      if (others.length >= world.habits.sessionsPerServer)
        throw new Violation(name, `${process.id} is to play ${requestId}, and plays ${others.join(', ')}`);
    },
  };
}

/** Who was told that he has a server has it after a death of the control plane, too. */
export function answersAreDurable(): FleetChecker {
  const name = 'answers-are-durable';
  return {
    name,
    restarted(world) {
      for (const { id, server, leaseFromMs, activeMs } of world.held()) {
        const record = world.control.service.allocation(id);
        const process = world.processes.all.get(server);
        if (!process || (world.kernel.nowMs >= leaseFromMs && Number.isNaN(activeMs))) continue;
        if (record === undefined)
          throw new Violation(name, `${id} was told that it has ${server}, and a restart has forgotten it`);
      }
    },
  };
}

/** Nobody came within the lease: the server is somebody else's again. */
export function leasesEnd(): FleetChecker {
  const name = 'leases-end';
  const slackMs = 1500;
  return {
    name,
    now(world) {
      if (world.kernel.nowMs - world.control.openedMs < slackMs) return;
      for (const { id, server, leaseUntilMs, activeMs } of world.held()) {
        if (!Number.isNaN(activeMs) || world.kernel.nowMs < leaseUntilMs + slackMs) continue;
        const holds = world.control.service.get(server)?.allocations.includes(id);
        if (holds)
          throw new Violation(name, `${id} has ${server}, its lease was over at ${leaseUntilMs.toFixed(0)} ms, and nobody came`);
      }
    },
    over(world) {
      const [left] = world.control.service.allocations();
      if (left) throw new Violation(name, `${left.requestId} has ${left.server} for ever`);
    },
  };
}

/** A match that is played keeps its server: its players were heard of. */
export function playedIsNotExpired(): FleetChecker {
  const name = 'played-is-not-expired';
  return {
    name,
    result({ requestId, end, server }, world) {
      const ask = world.asks.get(requestId);
      const process = world.processes.all.get(server);
      if (end !== 'expired' || !ask || !process || !process.sessions.has(requestId)) return;
      const sinceMs = Math.max(ask.activeMs, world.control.linkedMs(server));
      if (process.pausedUntilMs < sinceMs && world.kernel.nowMs - sinceMs > 1000)
        throw new Violation(name, `${requestId} is played on ${server} since ${sinceMs.toFixed(0)} ms, and its lease has ended`);
    },
  };
}

/** Who has a server keeps it, whatever the fleet is scaled to and whichever version it rolls out. */
export function heldIsNotStopped(): FleetChecker {
  const name = 'held-is-not-stopped';
  return {
    name,
    stopping(server, world) {
      const view = world.control.service.get(server);
      // It hangs, as far as anybody can tell.
      if (view?.state === 'Unhealthy') return;
      // An operator may.
      if (world.operators.shutDown.has(server)) return;
      for (const { id, leaseFromMs } of world.heldOn(server)) {
        const expired = world.kernel.nowMs >= leaseFromMs && world.control.service.allocation(id)?.end === 'expired';
        if (!expired)
          throw new Violation(
            name,
            `${id} has ${server}, which is stopped: ${view?.state ?? 'unknown'}, ${view?.why ?? 'an orphan'}`,
          );
      }
    },
  };
}

/** Once all is quiet each process has a record, each record a process, and there are as many as there are to be. */
export function noOrphan(): FleetChecker {
  const name = 'no-orphan';
  return {
    name,
    over(world) {
      const running = [...world.processes.all.keys()].sort().join(' ');
      const known = world.control.service
        .list()
        .map(({ id }) => id)
        .sort()
        .join(' ');
      const recorded = world.disk
        .below(keys.gameServers)
        .map(({ key }) => key.slice(keys.gameServers.length))
        .sort()
        .join(' ');
      if (running !== known) throw new Violation(name, `there run ${running}; known are ${known}`);
      if (recorded !== known) throw new Violation(name, `recorded are ${recorded}; known are ${known}`);
      const view = world.control.service.fleet('arena');
      const count = known === '' ? 0 : known.split(' ').length;
      // One that ages has its successor beside it for a while.
      if (count !== view?.replicas && !world.habits.policy.maxLifetimeMs)
        throw new Violation(name, `there are ${count} servers, and to be ${view?.replicas}`);
    },
  };
}

/** A rollout comes to its end: nobody can be given a server of another version any more. */
export function rolloutsEnd(): FleetChecker {
  const name = 'rollouts-end';
  return {
    name,
    over(world) {
      const rollout = world.control.service.rollout('arena');
      const former = world.control.service
        .list()
        .filter(({ version, state }) => version !== rollout?.version && state === 'Ready');
      if (rollout?.phase !== 'steady' || former.length > 0)
        throw new Violation(name, `${rollout?.phase} to ${rollout?.version}, and ${former.length} of another version are ready`);
    },
  };
}

/** What is told of a fleet is what is there. */
export function viewsAreTrue(): FleetChecker {
  const name = 'views-are-true';
  return {
    name,
    viewed(view, world) {
      const { service } = world.control;
      const states: Record<string, number> = {};
      let inUse = 0;
      for (const { state, allocations, players } of service.list(view.name)) {
        states[state] = (states[state] ?? 0) + 1;
        const over = state === 'Shutdown' || state === 'Unhealthy' || state === 'Error';
        // Also by those who came by its address alone.
        const occupied = (state === 'Ready' || state === 'Reserved') && (players?.count ?? 0) > 0;
        if ((allocations.length > 0 || occupied) && !over) inUse++;
      }
      const text = (of: Readonly<Record<string, number | undefined>>) => JSON.stringify(Object.entries(of).sort());
      if (text(states) !== text(view.states))
        throw new Violation(name, `told are ${text(view.states)}, there are ${text(states)}`);
      if (inUse !== view.inUse) throw new Violation(name, `told are ${view.inUse} in use, there are ${inUse}`);
    },
  };
}

export const allFleetCheckers = [
  countsAreTrue,
  fillsFirst,
  sleepIsFree,
  holdIsObeyed,
  ordersAreObeyed,
  starvedIsNotHung,
  hungIsFound,
  oneHolder,
  answersAreDurable,
  leasesEnd,
  playedIsNotExpired,
  heldIsNotStopped,
  noOrphan,
  rolloutsEnd,
  viewsAreTrue,
];
