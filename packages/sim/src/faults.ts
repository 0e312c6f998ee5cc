/** Which misfortunes a world meets, drawn from its seed: some worlds are calm, some have one kind, some have them all. */
import type { Prng } from '@horizon-atlas/base';

export interface Faults {
  /** Delay of a message, milliseconds. */
  readonly delayMsMin: number;
  readonly delayMsMax: number;
  /** Chances per control or mesh message: these may be lost, doubled or late (I5). */
  readonly lose: number;
  readonly double: number;
  readonly late: number;
  readonly lateMsMax: number;
  /** Mean seconds between two of the kind in the whole world; Infinity: never. */
  readonly linkCutS: number;
  /** Two processes that lose each other again and again for a while. */
  readonly linkFlapS: number;
  readonly clientCutS: number;
  /** A player's network takes next to nothing for some seconds. */
  readonly slowClientS: number;
  readonly serverCrashS: number;
  readonly serverPauseS: number;
  /** A server, or a gateway, is asked to end in good order. */
  readonly drainS: number;
  /** Two processes at once. */
  readonly pausePairS: number;
  readonly gatewayCrashS: number;
  readonly coordinatorCrashS: number;
  readonly coordinatorPauseS: number;
  /** A transaction takes at most so long, milliseconds. */
  readonly storeMsMax: number;
  readonly storeFullS: number;
  readonly storeUnknownS: number;
  /** Of a pause: up to this. Above three heartbeats the peers give the process up. */
  readonly pauseMsMax: number;
  /** Crash one process at this step of the first handoff that reaches it; undefined: at no step. */
  readonly crashAtStep: { readonly step: HandoffStep; readonly victim: Victim } | undefined;
}

export const handoffSteps = [
  'approach',
  'reserved',
  'synced',
  'crossed',
  'frozen',
  'commit',
  'activate',
  'activated',
  'release',
  'released',
] as const;
export type HandoffStep = (typeof handoffSteps)[number];
export const victims = ['source', 'target', 'coordinator', 'gateway'] as const;
export type Victim = (typeof victims)[number];

export const calm: Faults = {
  delayMsMin: 0.1,
  delayMsMax: 2,
  lose: 0,
  double: 0,
  late: 0,
  lateMsMax: 0,
  linkCutS: Number.POSITIVE_INFINITY,
  linkFlapS: Number.POSITIVE_INFINITY,
  clientCutS: Number.POSITIVE_INFINITY,
  slowClientS: Number.POSITIVE_INFINITY,
  serverCrashS: Number.POSITIVE_INFINITY,
  serverPauseS: Number.POSITIVE_INFINITY,
  drainS: Number.POSITIVE_INFINITY,
  pausePairS: Number.POSITIVE_INFINITY,
  gatewayCrashS: Number.POSITIVE_INFINITY,
  coordinatorCrashS: Number.POSITIVE_INFINITY,
  coordinatorPauseS: Number.POSITIVE_INFINITY,
  storeMsMax: 5,
  storeFullS: Number.POSITIVE_INFINITY,
  storeUnknownS: Number.POSITIVE_INFINITY,
  pauseMsMax: 0,
  crashAtStep: undefined,
};

/** A swarm: each kind of fault is on or off by a coin, and as hard as another draw says. */
export function drawFaults(prng: Prng): Faults {
  const sometimes = (value: () => number, otherwise: number) => (prng.chance(0.4) ? value() : otherwise);
  const every = () => sometimes(() => prng.between(6, 30), Number.POSITIVE_INFINITY);
  return {
    delayMsMin: 0.1,
    delayMsMax: prng.pick([1, 2, 10, 60]),
    lose: sometimes(() => prng.between(0.001, 0.1), 0),
    double: sometimes(() => prng.between(0.001, 0.1), 0),
    late: sometimes(() => prng.between(0.001, 0.1), 0),
    lateMsMax: prng.pick([50, 300, 3000]),
    linkCutS: every(),
    linkFlapS: every(),
    clientCutS: every(),
    serverCrashS: every(),
    serverPauseS: every(),
    drainS: every(),
    pausePairS: every(),
    gatewayCrashS: every(),
    coordinatorCrashS: every(),
    coordinatorPauseS: every(),
    storeMsMax: prng.pick([5, 5, 50, 400]),
    storeFullS: every(),
    storeUnknownS: every(),
    pauseMsMax: prng.pick([300, 1500, 8000]),
    crashAtStep: prng.chance(0.5) ? { step: prng.pick(handoffSteps), victim: prng.pick(victims) } : undefined,
    slowClientS: every(),
  };
}
