/** What servers of several sessions promise; proved by mutations in fleet-mutations.test.ts. */
import { sessionsCounter } from '@horizon-atlas/fleet';
import type { GameServerView } from '@horizon-atlas/protocol';
import { Violation } from '../checkers/checker.ts';
import type { FleetChecker } from './fleet-checkers.ts';
import type { FleetWorld } from './fleet-world.ts';

const isOver = ({ state }: GameServerView) => state === 'Shutdown' || state === 'Unhealthy' || state === 'Error';

/** What a server counts as its sessions is what it has, and never more than it has room for. */
export function countsAreTrue(): FleetChecker {
  const name = 'counts-are-true';
  return {
    name,
    now(world) {
      const { sessionsPerServer } = world.habits;
      for (const view of world.control.service.list('arena')) {
        const has = view.allocations.length;
        if (isOver(view)) continue;
        if (has > 1) world.seen.shared++;
        if (has > sessionsPerServer)
          throw new Violation(name, `${view.id} has ${has} sessions, and room for ${sessionsPerServer}`);
        const counted = view.counters[sessionsCounter]?.count;
        if (sessionsPerServer > 1 && counted !== has)
          throw new Violation(name, `${view.id} counts ${counted} sessions, and has ${view.allocations.join(', ')}`);
      }
    },
  };
}

/** A session goes to a server that has others and room for it before a free one is taken. */
export function fillsFirst(): FleetChecker {
  const name = 'fills-first';
  /** A grant is decided this long before it is seen, at most: it has to be on the disk. */
  const slackMs = 500;
  const roomyMs = new Map<string, number>();
  const before = new Map<string, number>();
  return {
    name,
    restarted() {
      roomyMs.clear();
      before.clear();
    },
    changed(view, gone, world) {
      const has = view.allocations.length;
      const had = before.get(view.id);
      before.set(view.id, has);
      const { nowMs } = world.kernel;
      if (had === 0 && has === 1 && view.state !== 'Draining') {
        // A place was promised to who was told then that he has none.
        const fromMs = (sinceMs: number) => Math.max(sinceMs, world.askers.refusedMs);
        const other = [...roomyMs].find(
          ([id, sinceMs]) => id !== view.id && nowMs - fromMs(sinceMs) > slackMs && stillHasRoom(id, world),
        );
        if (other) throw new Violation(name, `${view.id} was taken, and ${other[0]} has room since ${other[1].toFixed(0)} ms`);
      }
      if (gone || !hasRoom(view, world)) roomyMs.delete(view.id);
      else if (!roomyMs.has(view.id)) roomyMs.set(view.id, nowMs);
    },
    now(world) {
      // An order, or a version, is no change of the server itself.
      for (const id of roomyMs.keys()) if (!stillHasRoom(id, world)) roomyMs.delete(id);
    },
  };
}

function stillHasRoom(id: string, world: FleetWorld): boolean {
  const view = world.control.service.get(id);
  return view !== undefined && hasRoom(view, world);
}

function hasRoom({ id, state, allocations, version }: GameServerView, world: FleetWorld): boolean {
  const { sessionsPerServer, policy } = world.habits;
  const plays = state === 'Allocated' || state === 'Activating' || state === 'Active';
  if (!plays || allocations.length === 0 || allocations.length >= sessionsPerServer) return false;
  const { kept, unsure } = world.operators;
  // Nobody new comes to one that is old, taken out, or of another version.
  const isLast =
    policy.maxLifetimeMs || kept.has(id) || unsure.has(id) || version !== world.control.service.rollout('arena')?.version;
  return !isLast;
}
