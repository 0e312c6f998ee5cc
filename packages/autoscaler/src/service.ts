/**
 * Keeps the sizes of fleets as their policies say. Nothing is looked at in intervals: a change of a fleet decides about it in the same turn, and a timer is
 * only set for what passes by itself (waiting before fewer, rates that sink, schedules). Each decision is kept with its reason.
 *
 *   fleet changed, server taken, webhook answered, timer ─▶ Scaler.step ─▶ Fleets.scale(name, replicas)
 */
import type { Cancel, Clock, Entropy, Probe } from '@horizon-atlas/ports';
import type { Fleets, FleetView, GameServerState, GameServers, GameServerView } from '@horizon-atlas/protocol';
import { capacitiesOf, type ScalingTerms, type WebhookPolicy, webhooksOf } from './core/policy.ts';
import { type Decision, Scaler } from './core/scaler.ts';
import type { Capacity, Sight } from './core/sight.ts';
import { capacityKey } from './core/wish.ts';
import { holds, policyChangesAtMs } from './schedule.ts';
import { askWebhook, type WebhookOutcome } from './webhook.ts';

export interface AutoscalerDeps {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly probe: Probe;
  readonly fleets: Fleets;
  readonly servers: Pick<GameServers, 'list' | 'watch'>;
  /** What a new server of a fleet has of a counter or list; undefined: what its servers have tells. */
  readonly declared?: (fleet: string, kind: 'Counter' | 'List', key: string) => number | undefined;
  /** What a forecast expects; the place for it. */
  readonly expected?: (fleet: string) => Sight['expected'];
  readonly ask?: typeof askWebhook;
}

/** What is told of a fleet's scaling. */
export interface ScalingView {
  readonly fleet: string;
  readonly terms: ScalingTerms;
  /** As of now; undefined: the fleet is not there (any more). */
  readonly now: Decision | undefined;
  /** The last ones that changed the size, newest first. */
  readonly decisions: readonly Decision[];
  readonly webhooks: readonly {
    readonly url: string;
    readonly replicas: number | undefined;
    readonly answeredAtMs: number;
    readonly trouble: string;
  }[];
}

export interface Autoscaler {
  /** From now on, instead of what it had; undefined: nobody scales it any more. */
  set(fleet: string, terms: ScalingTerms | undefined): void;
  scaling(fleet: string): ScalingView | undefined;
  scalings(): readonly ScalingView[];
  /** Each decision that changed a size. Returns how to stop. */
  watch(fn: (fleet: string, decision: Decision) => void): () => void;
  close(): void;
}

export const autoscalerLimits = {
  /** Decisions that are kept of each fleet. */
  decisions: 200,
  /** A webhook is not asked again sooner, however much happens. */
  webhookPauseMs: 250,
} as const;

export function makeAutoscaler(deps: AutoscalerDeps): Autoscaler {
  return new Service(deps);
}

interface Scaled {
  readonly name: string;
  readonly scaler: Scaler;
  readonly decisions: Decision[];
  readonly asking: Map<string, Asking>;
  now: Decision | undefined;
  alarm: Cancel;
}

interface Asking {
  busy: boolean;
  /** Something happened since it was asked. */
  stale: boolean;
  askedMs: number;
  alarm: Cancel;
}

const inUse: ReadonlySet<GameServerState> = new Set(['Allocated', 'Activating', 'Active']);

class Service implements Autoscaler {
  readonly #deps: AutoscalerDeps;
  readonly #scaled = new Map<string, Scaled>();
  readonly #inUse = new Map<string, boolean>();
  readonly #watchers = new Set<(fleet: string, decision: Decision) => void>();
  readonly #stops: (() => void)[];
  #closed = false;

  constructor(deps: AutoscalerDeps) {
    this.#deps = deps;
    for (const view of deps.servers.list()) this.#inUse.set(view.id, inUse.has(view.state));
    this.#stops = [
      deps.servers.watch((view, gone) => this.#changed(view, gone)),
      deps.fleets.watchFleets((view) => this.#decideOn(view.name)),
    ];
  }

  set(name: string, terms: ScalingTerms | undefined): void {
    this.#drop(name);
    if (!terms || this.#closed) return;
    const tools = { holds, changesAtMs: (wallMs: number) => policyChangesAtMs(terms.policy, wallMs) };
    this.#scaled.set(name, {
      name,
      scaler: new Scaler(terms, tools),
      decisions: [],
      asking: new Map(),
      now: undefined,
      alarm: () => {},
    });
    this.#decideOn(name);
  }

  scaling(name: string): ScalingView | undefined {
    const scaled = this.#scaled.get(name);
    if (!scaled) return undefined;
    const { terms } = scaled.scaler;
    return {
      fleet: name,
      terms,
      now: scaled.now,
      decisions: scaled.decisions.toReversed(),
      webhooks: webhooksOf(terms.policy).map(({ webhook: { url } }) => {
        const { replicas, answeredAtMs = 0, trouble = '' } = scaled.scaler.answer(url) ?? {};
        return { url, replicas, answeredAtMs, trouble };
      }),
    };
  }

  scalings(): readonly ScalingView[] {
    return [...this.#scaled.keys()].flatMap((name) => this.scaling(name) ?? []);
  }

  watch(fn: (fleet: string, decision: Decision) => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    for (const name of [...this.#scaled.keys()]) this.#drop(name);
  }

  #drop(name: string): void {
    const scaled = this.#scaled.get(name);
    if (!scaled) return;
    this.#scaled.delete(name);
    scaled.alarm();
    for (const { alarm } of scaled.asking.values()) alarm();
  }

  /** Counts who is taken; a server with a counter that a policy looks at changes its fleet's wish, too. */
  #changed(view: GameServerView, gone: boolean): void {
    const taken = inUse.has(view.state);
    const scaled = this.#scaled.get(view.fleet);
    if (scaled) this.#used(scaled, view, taken, gone);
    if (gone) this.#inUse.delete(view.id);
    else this.#inUse.set(view.id, taken);
    if (scaled && capacitiesOf(scaled.scaler.terms.policy).length > 0) this.#decideOn(view.fleet);
  }

  #used({ scaler, now }: Scaled, { id, state }: GameServerView, taken: boolean, gone: boolean): void {
    const nowMs = this.#deps.clock.now();
    if (gone) return scaler.uses.gone(id);
    if (state === 'Ready') return scaler.uses.back(id, nowMs, now?.seen.startMs);
    if (!taken || this.#inUse.get(id)) return;
    scaler.taken(1, nowMs);
    scaler.uses.taken(id, nowMs);
  }

  #decideOn(name: string): void {
    const scaled = this.#scaled.get(name);
    if (!scaled || this.#closed) return;
    for (const webhook of webhooksOf(scaled.scaler.terms.policy)) this.#ask(scaled, webhook);
    this.#decide(scaled);
  }

  #decide(scaled: Scaled): void {
    const { clock, fleets, probe } = this.#deps;
    const view = fleets.fleet(scaled.name);
    if (!view) {
      scaled.now = undefined;
      return;
    }
    const decision = scaled.scaler.step(this.#sightOf(view, scaled), clock.now(), clock.wall());
    scaled.now = view.held === undefined ? decision : heldBack(decision, view.held);
    scaled.alarm();
    const { dueMs } = scaled.scaler;
    scaled.alarm = dueMs === Number.POSITIVE_INFINITY ? () => {} : clock.at(dueMs, () => this.#decide(scaled));
    if (view.held !== undefined) return;
    const differs = decision.to !== decision.from;
    if (differs) {
      scaled.decisions.push(decision);
      if (scaled.decisions.length > autoscalerLimits.decisions) scaled.decisions.shift();
      probe.count('atlas_scaling_decisions_total', 1, { fleet: scaled.name, way: decision.to > decision.from ? 'up' : 'down' });
    }
    // Also where it is of that size already: a request that waits makes a fleet larger only as long as it waits.
    fleets.scale(scaled.name, decision.to);
    if (differs) for (const watcher of this.#watchers) watcher(scaled.name, decision);
  }

  #sightOf(view: FleetView, { name, scaler }: Scaled): Sight {
    const { states } = view;
    const policies = capacitiesOf(scaler.terms.policy);
    const servers = policies.length > 0 ? this.#deps.servers.list(name) : [];
    return {
      replicas: view.replicas,
      there: [...counts].reduce((sum, state) => sum + (states[state] ?? 0), 0),
      ready: states.Ready ?? 0,
      coming: (states.Scheduled ?? 0) + (states.Starting ?? 0) + (states.Warming ?? 0),
      busy: view.inUse + (states.Reserved ?? 0),
      waiting: view.waiting,
      min: view.min,
      max: view.max,
      startMs: view.startMs?.p99,
      capacities: new Map(
        policies.map((policy) => [
          capacityKey(policy),
          capacityOf(servers, policy.type, policy.key, this.#deps.declared?.(name, policy.type, policy.key)),
        ]),
      ),
      expected: this.#deps.expected?.(name),
    };
  }

  // ---- webhooks ----------------------------------------------------------------------------------------------------

  /** Asked after each change, one ask at a time, and once more if something changed meanwhile. */
  #ask(scaled: Scaled, { webhook }: WebhookPolicy): void {
    const { clock, entropy, fleets } = this.#deps;
    const asking = scaled.asking.get(webhook.url) ?? {
      busy: false,
      stale: false,
      askedMs: Number.NEGATIVE_INFINITY,
      alarm: () => {},
    };
    scaled.asking.set(webhook.url, asking);
    asking.stale = asking.busy;
    if (asking.busy) return;
    const view = fleets.fleet(scaled.name);
    if (!view) return;
    const again = (ms: number) => {
      asking.alarm();
      asking.alarm = clock.at(ms, () => this.#ask(scaled, { type: 'Webhook', webhook }));
    };
    const soonestMs = asking.askedMs + autoscalerLimits.webhookPauseMs;
    if (clock.now() < soonestMs) return again(soonestMs);
    asking.busy = true;
    asking.askedMs = clock.now();
    const ask = {
      uid: uidOf(entropy),
      fleet: scaled.name,
      labels: view.labels,
      replicas: view.replicas,
      ready: view.states.Ready ?? 0,
      reserved: view.states.Reserved ?? 0,
      allocated: view.inUse,
    };
    void (this.#deps.ask ?? askWebhook)(webhook.url, ask, webhook.timeoutMs).then((outcome) => {
      asking.busy = false;
      if (this.#scaled.get(scaled.name) !== scaled) return;
      this.#answered(scaled, webhook.url, outcome);
      again(asking.stale ? asking.askedMs + autoscalerLimits.webhookPauseMs : clock.now() + webhook.intervalMs);
      this.#decide(scaled);
    });
  }

  #answered({ name, scaler }: Scaled, url: string, outcome: WebhookOutcome): void {
    const { clock, probe } = this.#deps;
    if (outcome.ok) return scaler.answered(url, { replicas: outcome.replicas, answeredAtMs: clock.wall(), trouble: '' });
    const { replicas, answeredAtMs = 0 } = scaler.answer(url) ?? {};
    scaler.answered(url, { replicas, answeredAtMs, trouble: `${outcome.code}: ${outcome.message}` });
    probe.count('atlas_scaling_webhook_failures_total', 1, { fleet: name, code: outcome.code });
  }
}

/** An operator's word stands above it; what it would do is told all the same. */
function heldBack(decision: Decision, held: number): Decision {
  return { ...decision, to: decision.from, downAtMs: 0, why: `An operator holds it at ${held}. Otherwise: ${decision.why}` };
}

function capacityOf(
  servers: readonly GameServerView[],
  kind: 'Counter' | 'List',
  key: string,
  declared: number | undefined,
): Capacity {
  const sum = { count: 0, capacity: 0, occupied: 0, freeOnOccupied: 0, having: 0 };
  for (const view of servers) {
    const used = usedOf(view, kind, key);
    if (!used || !counts.has(view.state)) continue;
    sum.having++;
    sum.count += used.count;
    sum.capacity += used.capacity;
    if (used.count === 0 && !inUse.has(view.state)) continue;
    sum.occupied++;
    sum.freeOnOccupied += used.capacity - used.count;
  }
  const { count, capacity, occupied, freeOnOccupied, having } = sum;
  return { count, capacity, occupied, freeOnOccupied, perServer: declared ?? (having > 0 ? capacity / having : undefined) };
}

const counts: ReadonlySet<GameServerState> = new Set([
  'Scheduled',
  'Starting',
  'Warming',
  'Ready',
  'Reserved',
  'Allocated',
  'Activating',
  'Active',
]);

function usedOf(view: GameServerView, kind: 'Counter' | 'List', key: string): { count: number; capacity: number } | undefined {
  if (kind === 'Counter') return Object.hasOwn(view.counters, key) ? view.counters[key] : undefined;
  const list = Object.hasOwn(view.lists, key) ? view.lists[key] : undefined;
  return list && { count: list.values.length, capacity: list.capacity };
}

/** As Kubernetes writes them; webhooks only give it back. */
function uidOf(entropy: Entropy): string {
  const hex = [0, 0, 0, 0].map(() => entropy.u32().toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
