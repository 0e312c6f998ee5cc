/** A Bus within one process. It copies every payload, so that a shared reference fails here and not in the cluster. */

import type { Bus, Cancel, Clock, Probe } from '@horizon-atlas/ports';
import { hostTurn, type Later } from './later.ts';

export const busLimits = {
  /** Notices that wait for their turn. Beyond: dropped and counted, as notices may be lost. */
  waiting: 65_536,
} as const;

export interface MemoryBusOptions {
  /** For the time-outs of requests. */
  readonly clock: Clock;
  readonly later?: Later;
  readonly probe?: Probe;
}

type Listener = (payload: Uint8Array, subject: string) => Uint8Array | undefined | void;

interface Subscription {
  /** The subject, or for a pattern what its subjects start with. */
  readonly match: string;
  readonly wild: boolean;
  readonly fn: Listener;
  active: boolean;
}

interface Notice {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly to: readonly Subscription[];
  readonly answer: ((payload: Uint8Array) => void) | undefined;
}

export function memoryBus({ clock, later = hostTurn, probe }: MemoryBusOptions): Bus {
  const subscriptions = new Set<Subscription>();
  let waiting: Notice[] = [];

  const deliver = () => {
    const notices = waiting;
    waiting = [];
    for (const notice of notices) for (const subscription of notice.to) hand(notice, subscription, probe);
  };

  const enqueue = (subject: string, payload: Uint8Array, answer: Notice['answer']) => {
    const to = [...subscriptions].filter((s) => matches(s, subject));
    if (to.length === 0) return;
    if (waiting.length >= busLimits.waiting) {
      probe?.count('atlas_bus_dropped_total');
      return;
    }
    waiting.push({ subject, payload: payload.slice(), to, answer });
    if (waiting.length === 1) later(deliver);
  };

  return {
    publish: (subject, payload) => enqueue(subject, payload, undefined),
    subscribe: (pattern, fn): Cancel => {
      const wild = pattern.endsWith('.>');
      const subscription: Subscription = { match: wild ? pattern.slice(0, -1) : pattern, wild, fn, active: true };
      subscriptions.add(subscription);
      return () => {
        subscription.active = false;
        subscriptions.delete(subscription);
      };
    },
    request: (subject, payload, timeoutMs) =>
      new Promise((resolve) => {
        const cancel = clock.at(clock.now() + timeoutMs, () => resolve(undefined));
        enqueue(subject, payload, (answer) => {
          cancel();
          resolve(answer);
        });
      }),
  };
}

function matches(subscription: Subscription, subject: string): boolean {
  return subscription.wild ? subject.startsWith(subscription.match) : subject === subscription.match;
}

function hand(notice: Notice, subscription: Subscription, probe: Probe | undefined): void {
  if (!subscription.active) return;
  try {
    const answer = subscription.fn(notice.payload.slice(), notice.subject);
    if (answer !== undefined) notice.answer?.(answer.slice());
  } catch (error) {
    probe?.event('atlas_bus_subscriber_failed', { subject: notice.subject, error });
  }
}
