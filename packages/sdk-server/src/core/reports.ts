/** What the control plane is told unasked: what we hold, how we are, where everybody is; and that it has been silent for too long. */
import { encodeMovers, LINK_PROTOCOL, limits, type Mover } from '@horizon-atlas/protocol';
import { targetRegion } from './handoff-target.ts';
import type { Handoffs } from './handoffs.ts';
import type { Region } from './region.ts';
import type { ServerState } from './server-state.ts';
import type { Shadows } from './shadows.ts';
import { TickBudget } from './tick-budget.ts';

interface Self {
  readonly address: string;
  readonly pid: number;
  readonly handoffs: Handoffs;
}

export class Reports {
  readonly #state: ServerState;
  readonly #shadows: Shadows;
  readonly #self: Self;
  readonly #budget: TickBudget;
  #heartbeatDueMs = 0;
  /** Since when there is no control plane; undefined before the first tick and while there is one. */
  #lostMs: number | undefined = undefined;
  #ticks = 0;

  constructor(state: ServerState, shadows: Shadows, self: Self) {
    this.#state = state;
    this.#shadows = shadows;
    this.#self = self;
    this.#budget = new TickBudget(state.policy.tickHz);
  }

  /** The first word on a control link: what we hold, for a control plane that has just started. */
  hello(): void {
    const { id, out, game, regions } = this.#state;
    const { address, pid, handoffs } = this.#self;
    this.#lostMs = undefined;
    const held = [...regions.values()].map((region) => {
      const groups: { group: number; epoch: number; phase: 'owned' | 'frozen' | 'warm' | 'released' }[] = [];
      for (const group of region.groups.values()) {
        groups.push({ group: group.id, epoch: group.epoch, phase: group.frozen ? 'frozen' : 'owned' });
      }
      for (const [group, target] of handoffs.warm) {
        if (target.kind === 'warm' && (targetRegion(target) ?? region.id) === region.id) {
          groups.push({ group, epoch: target.warm.epoch, phase: 'warm' });
        }
      }
      return { region: region.id, epoch: region.epoch, groups };
    });
    out.toControl({ kind: 'hello', server: id, version: LINK_PROTOCOL, pid, address, schema: game.schema.hash, regions: held });
    this.#heartbeatDueMs = 0;
  }

  lost(nowMs: number): void {
    this.#lostMs ??= nowMs;
  }

  worked(workMs: number): void {
    this.#ticks++;
    this.#budget.add(workMs);
  }

  tick(nowMs: number): void {
    const { controlUp, policy, out } = this.#state;
    if (!controlUp) {
      this.#lostMs ??= nowMs;
      if (nowMs - this.#lostMs < policy.orphanMs) return;
      this.#lostMs = nowMs;
      this.#state.event('orphaned', { afterMs: policy.orphanMs });
      out.orphaned?.();
      return;
    }
    if (nowMs >= this.#heartbeatDueMs) {
      this.#heartbeatDueMs = nowMs + policy.heartbeatMs;
      this.#heartbeat();
    }
  }

  #heartbeat(): void {
    const { out, policy, regions, sessions, fenced } = this.#state;
    const { p50, p90, max } = this.#budget.read();
    let entities = 0;
    for (const region of regions.values()) entities += region.entities.size;
    out.toControl({
      kind: 'heartbeat',
      tick: this.#ticks,
      tickHz: policy.tickHz,
      workMsP50: p50,
      workMsP90: p90,
      workMsMax: max,
      entities,
      players: sessions.size,
      shadows: this.#shadows.all.size,
      fenced,
    });
  }

  /** Where everybody is, told when asked: it costs nothing while nobody looks. */
  survey(survey: number): void {
    let shadows = this.#shadows.all.size > 0;
    for (const region of this.#state.regions.values()) {
      const movers = moversOf(region);
      // Shadows are the server's, not a region's: they are told once.
      if (shadows) this.#addShadows(movers);
      shadows = false;
      this.#state.out.toControl({ kind: 'positions', region: region.id, survey, movers: encodeMovers(movers) });
    }
  }

  #addShadows(movers: Mover[]): void {
    for (const { id: entity, position } of this.#shadows.all.values()) {
      if (movers.length >= limits.moversPerRegion) return;
      const { x, y, z } = position;
      movers.push({ entity, kind: 2, frozen: false, x, y, z });
    }
  }
}

/** Players first: they are the last that a map should lack. */
function moversOf(region: Region): Mover[] {
  const movers: Mover[] = [];
  for (const kind of [0, 1] as const) {
    for (const { id: entity, session, group, position } of region.entities.values()) {
      if ((session !== undefined) !== (kind === 0)) continue;
      if (movers.length >= limits.moversPerRegion) return movers;
      const { x, y, z } = position;
      movers.push({ entity, kind, frozen: group?.frozen !== undefined, x, y, z });
    }
  }
  return movers;
}
