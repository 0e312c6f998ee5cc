/**
 * The `resumed` flag never lies: while sessions are resumed, the echoes of a client's commands come in order, each once, with none
 * left out. A server's death rolls back at most a checkpoint interval, so each new owner of a region may repeat echoes once from
 * some point on; a gap is never allowed.
 */
import { decodeRecord, RegionRecord } from '@horizon-atlas/protocol';
import { type Checker, Violation } from './checker.ts';

export function trueResume(): Checker {
  const name = 'true-resume';
  const clients = new Map<number, { session: string; last: number | undefined; rollbacks: number }>();
  const of = (client: number) => {
    const known = clients.get(client);
    if (known) return known;
    const fresh = { session: '', last: undefined, rollbacks };
    clients.set(client, fresh);
    return fresh;
  };
  /** How often a region has got a new owner. */
  let rollbacks = 0;
  return {
    name,
    committed(changes) {
      for (const { key, value } of changes) {
        if (!key.startsWith('region/') || value === undefined) continue;
        if (decodeRecord(RegionRecord, value)?.state !== 'active') continue;
        rollbacks++;
        for (const client of clients.values()) client.rollbacks++;
      }
    },
    welcomed(client, session, resumed) {
      const state = of(client);
      if (session !== state.session) state.last = 0;
      else if (!resumed) state.last = undefined;
      state.session = session;
    },
    echoed(client, _login, n) {
      const state = of(client);
      const { last } = state;
      state.last = n;
      if (last === undefined || n === last + 1) return;
      if (n > last + 1)
        throw new Violation(name, `client ${client} hears of command ${n} after ${last}: something between was lost`);
      if (state.rollbacks === 0)
        throw new Violation(name, `client ${client} hears of command ${n} after ${last}, and no server died`);
      state.rollbacks--;
    },
  };
}
