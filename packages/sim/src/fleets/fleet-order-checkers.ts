/** What may never happen to servers that sleep, are ordered about by operators, or say nothing; proved by mutations in fleet-mutations.test.ts. */
import { Violation } from '../checkers/checker.ts';
import type { FleetChecker } from './fleet-checkers.ts';
import type { FleetWorld } from './fleet-world.ts';

/** Whoever has a server does not find it asleep. */
export function sleepIsFree(): FleetChecker {
  const name = 'sleep-is-free';
  const holderOf = (server: string, world: FleetWorld) =>
    world
      .heldOn(server)
      .find(({ id, leaseFromMs }) => world.kernel.nowMs < leaseFromMs || world.control.service.allocation(id)?.end !== 'expired');
  return {
    name,
    freezing(server, world) {
      const holder = holderOf(server, world);
      if (holder) throw new Violation(name, `${holder.id} has ${server}, which is frozen`);
    },
    answered(requestId, server, world) {
      const asleep = world.processes.all.get(server)?.frozen !== undefined;
      if (asleep) throw new Violation(name, `${requestId} was given ${server}, which is frozen`);
    },
  };
}

/** A size that an operator holds is the fleet's size, within its limits, but for those in use and those waited for; over restarts, too. */
export function holdIsObeyed(): FleetChecker {
  const name = 'hold-is-obeyed';
  return {
    name,
    now(world) {
      const { held } = world.operators;
      const view = world.control.service.fleet('arena');
      if (!view || !held.known) return;
      if (view.held !== held.size) throw new Violation(name, `${held.size} are ordered, and held is ${view.held}`);
      if (held.size === undefined) return;
      const { min, max } = world.habits;
      const size = Math.max(min, Math.min(max, Math.max(held.size, view.inUse + view.waiting)));
      if (view.replicas !== size)
        throw new Violation(
          name,
          `${held.size} are ordered, ${view.inUse} in use, ${view.waiting} waited for, and there are to be ${view.replicas}`,
        );
    },
  };
}

/** Who is taken out is given to nobody who comes after the order, until it is given back. */
export function ordersAreObeyed(): FleetChecker {
  const name = 'orders-are-obeyed';
  return {
    name,
    answered(requestId, server, world) {
      const kept = world.operators.kept.get(server);
      const askedMs = world.asks.get(requestId)?.askedMs ?? Number.NaN;
      if (kept && askedMs > kept.sinceMs)
        throw new Violation(name, `${requestId} was given ${server}, for which ${kept.order} was ordered before it asked`);
    },
  };
}

/** Who had no chance to speak is not given up on, for a while. */
export function starvedIsNotHung(): FleetChecker {
  const name = 'starved-is-not-hung';
  return {
    name,
    stopping(server, world) {
      const process = world.processes.all.get(server);
      const why = world.control.service.get(server)?.why ?? '';
      if (!process || Number.isNaN(process.starvedMs) || !why.startsWith('SERVER_HUNG')) return;
      world.seen.starved++;
      throw new Violation(name, `${server} had no CPU time since ${process.starvedMs.toFixed(0)} ms, and is ended: ${why}`);
    },
    now(world) {
      for (const { starvedMs } of world.processes.all.values()) if (!Number.isNaN(starvedMs)) world.seen.starved++;
    },
  };
}

/** A process that stands still is known to hang soon after its link is lost. */
export function hungIsFound(): FleetChecker {
  const name = 'hung-is-found';
  const soonMs = 2000;
  const adoptMs = 5000;
  return {
    name,
    now(world) {
      const { control, kernel } = world;
      if (kernel.nowMs - control.openedMs < adoptMs + soonMs) return;
      for (const process of world.processes.all.values()) {
        const { id, stoodMs, thawedMs, pausedUntilMs, starvedMs, frozen } = process;
        const stands = pausedUntilMs > kernel.nowMs && Number.isNaN(starvedMs) && !frozen;
        // Silence in its sleep says nothing: it is told from when it was woken.
        if (!stands || kernel.nowMs - Math.max(stoodMs, thawedMs) < soonMs || !control.hasMet(process)) continue;
        const state = control.service.get(id)?.state;
        if (state !== undefined && !['Unhealthy', 'Error', 'Shutdown', 'Sleeping', 'Scheduled'].includes(state))
          throw new Violation(name, `${id} stands still since ${stoodMs.toFixed(0)} ms, and is ${state}`);
      }
    },
  };
}
