/**
 * Which program runs the gateways: Bun, or this very Node.js. Both run the same gateway; what differs is who makes the sockets, and what a
 * message and a connection cost. By itself it is Bun where players come from outside, if it is installed and works. In development it is
 * Node.js, whose memory is there anyway: Bun is ahead from some 500 players on. See docs/decisions/0018-engines-of-the-gateway.md.
 */
import { findBun } from '@horizon-atlas/gateway/configuration';
import type { Clock, Probe } from '@horizon-atlas/ports';
import { AtlasError } from '@horizon-atlas/protocol';
import type { AtlasConfig } from './config.ts';

export const policy = {
  /** With 'auto': a gateway that is started for the third time within a minute is not tried in Bun again. */
  startsMax: 2,
  startsWithinMs: 60_000,
} as const;

/** The program for the next start of the gateway at this place. */
export type GatewayProgram = (index: number) => string;

/** Throws CONFIG_INVALID if Bun is wanted and is not there. */
export function chooseEngine(
  { engine: wanted, tls }: Pick<AtlasConfig['gateway'], 'engine' | 'tls'>,
  { clock, probe }: { readonly clock: Clock; readonly probe: Probe },
  find: typeof findBun = findBun,
): GatewayProgram {
  const node = process.execPath;
  if (wanted === 'node' || (wanted === 'auto' && 'dev' in tls)) return () => node;
  const found = find();
  if ('missing' in found) {
    if (wanted === 'bun') throw new AtlasError('CONFIG_INVALID', `gateway.engine is 'bun', but ${found.missing}`);
    probe.event('gateway_engine', { engine: 'node', why: found.missing });
    return () => node;
  }
  if (wanted === 'bun') return () => found.program;
  const startsMs = new Map<number, number[]>();
  let given = false;
  return (index) => {
    if (given) return node;
    const nowMs = clock.now();
    const recent = (startsMs.get(index) ?? []).filter((startMs) => startMs > nowMs - policy.startsWithinMs);
    startsMs.set(index, [...recent, nowMs]);
    if (recent.length < policy.startsMax) return found.program;
    given = true;
    const why = `gateway ${index} ended ${recent.length} times within ${policy.startsWithinMs / 1000} s in Bun; see its log`;
    probe.event('gateway_engine', { engine: 'node', why });
    return node;
  };
}
