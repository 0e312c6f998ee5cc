/** What a policy would have, from what is seen; without memory, without limits of the fleet. */
import type { Amount, CapacityPolicy, Period, ScalingPolicy } from './policy.ts';
import type { Capacity, Sight, WebhookAnswer } from './sight.ts';

/** `replicas` undefined: it has nothing to say now. */
export interface Wish {
  readonly replicas: number | undefined;
  /** A sentence without its full stop. */
  readonly why: string;
}

export interface WishTools {
  /** Whether a period holds. */
  holds(period: Period, wallMs: number): boolean;
  answer(url: string): WebhookAnswer | undefined;
}

export function wishOf(policy: ScalingPolicy, sight: Sight, wallMs: number, tools: WishTools): Wish {
  switch (policy.type) {
    case 'Buffer': {
      const { bufferSize, bufferSizeMin, minReplicas, maxReplicas } = policy.buffer;
      const buffer = Math.max(beyond(sight.busy, bufferSize), bufferSizeMin);
      const why = `Buffer: ${sight.busy} in use and ${buffer} ready (${amountText(bufferSize)})`;
      return within(sight.busy + buffer, minReplicas, maxReplicas, why);
    }
    case 'Utilization':
      return utilizationWish(policy.utilization, sight);
    case 'Counter':
    case 'List':
      return capacityWish(policy, sight);
    case 'Webhook':
      return webhookWish(tools.answer(policy.webhook.url), policy.webhook.url, sight);
    case 'Schedule': {
      if (!tools.holds(policy.period, wallMs)) return { replicas: undefined, why: 'Schedule: not its time' };
      const wish = wishOf(policy.policy, sight, wallMs, tools);
      return { ...wish, why: `Schedule: its time. ${wish.why}` };
    }
    case 'Chain':
      return chainWish(policy.chain, sight, wallMs, tools);
  }
}

/** So much beyond what is used. Agones' formula for shares: what is used is the rest of the whole. */
function beyond(used: number, amount: Amount): number {
  if (amount.of === 'number') return amount.number;
  return Math.ceil(round(used / (1 - amount.share))) - used;
}

/** 8 / (1 - 0.2) is a hair above 10, and ten are enough. */
function round(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

function amountText(amount: Amount): string {
  return amount.of === 'number' ? `bufferSize ${amount.number}` : `bufferSize ${round(amount.share * 100)} %`;
}

function within(replicas: number, min: number, max: number, why: string): Wish {
  if (replicas < min) return { replicas: min, why: `${why}, held at minReplicas ${min}` };
  if (replicas > max) return { replicas: max, why: `${why}, held at maxReplicas ${max}` };
  return { replicas, why };
}

function utilizationWish(
  { up, down, minReplicas, maxReplicas }: { up: number; down: number; minReplicas: number; maxReplicas: number },
  { busy, waiting, replicas }: Sight,
): Wish {
  const used = busy + waiting;
  const share = replicas === 0 ? (used > 0 ? 1 : 0) : used / replicas;
  const text = `Utilization: ${used} of ${replicas} in use (${Math.round(share * 100)} %)`;
  if (share > up) return within(Math.ceil(round(used / up)), minReplicas, maxReplicas, `${text}, above ${up * 100} %`);
  // Down to the middle, so that it is not at once too many or too few again.
  if (share < down)
    return within(Math.ceil(round(used / ((up + down) / 2))), minReplicas, maxReplicas, `${text}, below ${down * 100} %`);
  return within(replicas, minReplicas, maxReplicas, `${text}, between ${down * 100} and ${up * 100} %`);
}

export function capacityKey({ type, key }: Pick<CapacityPolicy, 'type' | 'key'>): string {
  return `${type} ${key}`;
}

/** Servers of which something is used stay; beside them as many empty ones as bring the missing free places. */
function capacityWish(policy: CapacityPolicy, sight: Sight): Wish {
  const name = `${policy.type} ${policy.key}`;
  const seen: Capacity | undefined = sight.capacities.get(capacityKey(policy));
  if (seen?.perServer === undefined || seen.perServer <= 0)
    return { replicas: Math.max(1, sight.replicas), why: `${name}: no server has told yet how much of it there is on one` };
  const { count, occupied, freeOnOccupied, perServer } = seen;
  const wanted = Math.max(count + beyond(count, policy.bufferSize), policy.minCapacity);
  const room = (capacity: number) => (capacity - count - freeOnOccupied) / perServer;
  const needed = Math.max(0, Math.ceil(room(wanted)));
  const empty = Math.max(0, Math.min(needed, Math.floor(room(policy.maxCapacity))));
  const held =
    empty < needed
      ? `, held at maxCapacity ${policy.maxCapacity}`
      : wanted === policy.minCapacity
        ? `, held at minCapacity ${policy.minCapacity}`
        : '';
  return {
    replicas: occupied + empty,
    why: `${name}: ${count} used, ${wanted - count} to be free (${amountText(policy.bufferSize)})${held}; ${freeOnOccupied} are on the ${occupied} in use, an empty server brings ${perServer}`,
  };
}

function webhookWish(answer: WebhookAnswer | undefined, url: string, sight: Sight): Wish {
  const name = `Webhook ${url}`;
  if (!answer || answer.answeredAtMs === 0)
    return { replicas: undefined, why: `${name}: no good answer yet${answer?.trouble ? ` (${answer.trouble})` : ''}` };
  const trouble = answer.trouble ? `; its last good answer holds (${answer.trouble})` : '';
  if (answer.replicas === undefined) return { replicas: sight.replicas, why: `${name}: the size may stay${trouble}` };
  return { replicas: answer.replicas, why: `${name}: ${answer.replicas}${trouble}` };
}

function chainWish(
  chain: readonly { readonly id: string; readonly policy: ScalingPolicy }[],
  sight: Sight,
  wallMs: number,
  tools: WishTools,
): Wish {
  const silent: string[] = [];
  for (const { id, policy } of chain) {
    const wish = wishOf(policy, sight, wallMs, tools);
    if (wish.replicas !== undefined) return { ...wish, why: `Chain ${id}: ${wish.why}` };
    silent.push(`${id}: ${wish.why}`);
  }
  return { replicas: undefined, why: `Chain: nobody has something to say (${silent.join('; ')})` };
}
