/** One random schedule: players join, wander, trade places and leave while everything goes wrong; then calm, and what must be true. */
import type { FakeServer, Held } from './fake-server.ts';
import { calm, Rig } from './rig.ts';

export interface Outcome {
  readonly rig: Rig;
  readonly problems: readonly string[];
}

export function runSchedule(seed: number, stormMs = 6_000): Outcome {
  const rig = new Rig(seed, { sleepAfterMs: 2_000, joinDeadlineMs: 4_000 });
  const { prng } = rig;
  rig.start();
  rig.faults = {
    lose: prng.pick([0, 0.02, 0.1]),
    double: prng.pick([0, 0.05, 0.2]),
    delayMs: prng.pick([1, 5, 40]),
    reorder: prng.chance(0.5),
    full: prng.pick([0, 0, 0.1]),
    unavailable: prng.pick([0, 0, 0.1]),
    storeMs: prng.pick([2, 2, 60, 300]),
  };
  const kills = prng.pick([0, 0.002, 0.006]);
  const restarts = prng.pick([0, 0.002, 0.005]);
  const pauses = prng.pick([0, 0.002]);
  let sessions = 0;
  const stormUntil = rig.nowMs + stormMs;
  while (rig.nowMs < stormUntil) {
    rig.run(20);
    if (prng.chance(0.03) && sessions < 12) rig.gateway.join(`p${prng.below(4)}`, `s${sessions++}`);
    wander(rig);
    if (prng.chance(0.01)) leave(rig);
    for (const session of rig.gateway.sessions.keys()) rig.gateway.play(session);
    if (prng.chance(0.3)) for (const session of rig.gateway.sessions.keys()) rig.gateway.locate(session);
    const server = prng.pick([...rig.servers.keys()].length > 0 ? [...rig.servers.keys()] : ['none']);
    if (prng.chance(kills)) rig.kill(server, prng.between(20, 400));
    if (prng.chance(pauses)) rig.pause(server, prng.between(100, 2_500));
    if (rig.coordinatorUp && prng.chance(restarts)) rig.restartCoordinator(prng.between(10, 800));
    if (prng.chance(0.003)) {
      rig.storeDown = true;
      rig.after(prng.between(10, 600), () => {
        rig.storeDown = false;
      });
    }
  }
  rig.faults = calm;
  for (let i = 0; i < 120; i++) {
    rig.run(50);
    for (const session of rig.gateway.sessions.keys()) rig.gateway.play(session);
    if (i % 6 === 0) for (const session of rig.gateway.sessions.keys()) rig.gateway.locate(session);
  }
  return { rig, problems: [...rig.problems, ...judge(rig)] };
}

function everything(rig: Rig): { server: FakeServer; held: Held }[] {
  const found: { server: FakeServer; held: Held }[] = [];
  for (const server of rig.servers.values()) {
    for (const { groups } of server.regions.values()) for (const held of groups.values()) found.push({ server, held });
  }
  return found;
}

function wander(rig: Rig): void {
  for (const { server, held } of everything(rig)) {
    if (held.phase !== 'owned' || server.paused || !rig.prng.chance(0.15)) continue;
    const to = held.region === 'b' ? rig.prng.pick(['a', 'c']) : 'b';
    if (rig.prng.chance(0.5)) server.approach(held.group, to, rig.prng.between(0, 800));
    else if (rig.prng.chance(0.7)) server.crossed(held.group, to, rig.prng.chance(0.2));
    server.locked = rig.prng.chance(0.1) ? 1 : 0;
  }
}

function leave(rig: Rig): void {
  const owned = everything(rig).filter(({ server, held }) => held.phase === 'owned' && !server.paused);
  if (owned.length === 0) return;
  const { server, held } = rig.prng.pick(owned);
  if (held.session !== '') server.end(held.session);
}

/** What has to hold once nothing goes wrong any more, and for stories at their end. */
export function judge(rig: Rig): string[] {
  const problems: string[] = [];
  const players = new Map<string, string[]>();
  const note = (player: string, where: string) => players.set(player, [...(players.get(player) ?? []), where]);
  for (const key of rig.records.keys()) {
    if (key.startsWith('player/')) note(key.slice('player/'.length), 'player record');
    if (!key.startsWith('authority/')) continue;
    const group = Number(key.slice('authority/'.length));
    const record = rig.authority(group);
    if (!record) {
      problems.push(`${key} is unreadable`);
      continue;
    }
    note(record.group.player, key);
    const region = rig.region(record.region);
    const effective = Math.max(record.group.epoch, region?.epoch ?? 0);
    const holders = everything(rig).filter(({ held }) => held.group === group);
    const owners = holders.filter(({ held }) => held.phase === 'owned' && held.epoch >= effective);
    if (owners.length !== 1) {
      const who = holders.map(({ server, held }) => `${server.id}/${held.region} ${held.phase}@${held.epoch}`).join(', ');
      problems.push(`${key} (${record.region}@${effective}, ${record.group.session}) has ${owners.length} owners: ${who}`);
    } else if (owners[0]?.server.id !== region?.server || owners[0]?.held.region !== record.region) {
      problems.push(`${key} is played by ${owners[0]?.server.id}, its record names ${record.region} of ${region?.server}`);
    }
    if (holders.length > 1) {
      const who = holders.map(({ server, held }) => `${server.id}/${held.region} ${held.phase}@${held.epoch}`).join(', ');
      problems.push(`${key} has ${holders.length} copies that think they are real or frozen: ${who}`);
    }
    const session = rig.gateway.sessions.get(record.group.session);
    if (session?.joined && session.over === '' && !rig.servers.get(session.server)?.sessionAt(session.session, session.epoch)) {
      problems.push(`${session.session} is routed to ${session.server}@${session.epoch}, which does not play it`);
    }
  }
  for (const [player, places] of players) if (places.length !== 1) problems.push(`${player} is in ${places.join(' and ')}`);
  for (const { server, held } of everything(rig)) {
    if (held.claimed && !rig.authority(held.group)) problems.push(`${server.id} holds ${held.group}, which is over`);
  }
  for (const each of rig.gateway.sessions.values()) {
    if (!each.joined && each.over === '') problems.push(`${each.session} was never answered`);
  }
  const { coordinator } = rig;
  if (coordinator.joining > 0) problems.push(`${coordinator.joining} joins are left`);
  for (const region of coordinator.book.regions.values()) {
    if (region.busy !== 0) problems.push(`${region.id} is busy ${region.busy}`);
  }
  if (coordinator.figures.handoffs.lost > 0) problems.push('a group was lost');
  return problems;
}
