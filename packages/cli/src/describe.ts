/** One thing of an Atlas with all that is known of it, and what happened to it of late: lines for people, from what the API tells. */
import type { Event, Gateway, Handoff, Player, Region, Server } from '@horizon-atlas/sdk-admin';
import type { Found } from './candidates.ts';
import { type FleetAround, fleetPairs, fleetSections, gameServerPairs } from './describe-fleets.ts';
import { age, bytes, dayTime, ms, percent } from './figures.ts';
import { matchLines } from './match-lines.ts';
import { eventColumns, handoffColumns, playerColumns } from './resource-columns.ts';
import { fields, type TableSpace, table } from './table.ts';

export interface Described {
  readonly found: Found;
  /** Of a region or server: who is there. */
  readonly players: readonly Player[];
  /** Of a player or region, the latest first. */
  readonly handoffs: readonly Handoff[];
  /** Oldest first. */
  readonly events: readonly Event[];
  /** Of a fleet. */
  readonly around?: FleetAround;
}

type Pair = readonly [label: string, value: string];

export function describeLines(
  { found, players, handoffs, events, around }: Described,
  space: TableSpace,
  nowMs: number,
): string[] {
  const pairs = pairsOf(found, nowMs).map(([label, value]): Pair => [label, value === '' ? '–' : value]);
  const inner = { ...space, indent: 2 };
  const heading = (text: string) => space.paint?.bold(text) ?? text;
  const section = (title: string, lines: readonly string[]) => ['', heading(title), ...lines];
  const refused = found.kind === 'gateway' ? found.it.refused : [];
  return [
    ...(found.kind === 'match' ? matchLines(found.it, space, nowMs) : fields(pairs, space)),
    ...(around ? fleetSections(around, space, nowMs).flatMap(([title, lines]) => section(title, lines)) : []),
    ...(refused.length > 0
      ? section(
          'Refused',
          table(
            refusedColumns,
            [...refused].sort((a, b) => b.count - a.count),
            inner,
          ),
        )
      : []),
    ...(players.length > 0 ? section(`Players (${players.length})`, table(playerColumns(nowMs), players, inner)) : []),
    ...(handoffs.length > 0 ? section('Handoffs', table(handoffColumns, handoffs, inner)) : []),
    ...(events.length > 0 ? section('Events', table(eventColumns, events, inner)) : []),
  ];
}

const refusedColumns = [
  { title: 'CODE', rank: 0, min: 8, cell: ({ code }: Gateway['refused'][0]) => code },
  { title: 'COUNT', rank: 0, right: true, cell: ({ count }: Gateway['refused'][0]) => String(count) },
];

function pairsOf(found: Found, nowMs: number): Pair[] {
  switch (found.kind) {
    case 'region':
      return regionPairs(found.it);
    case 'server':
      return serverPairs(found.it, nowMs);
    case 'gateway':
      return gatewayPairs(found.it, nowMs);
    case 'player':
      return playerPairs(found.it, nowMs);
    case 'fleet':
      return fleetPairs(found.it);
    case 'gameserver':
      return gameServerPairs(found.it, nowMs);
    case 'match':
      return [];
  }
}

function regionPairs(it: Region): Pair[] {
  const { bounds: b } = it;
  return [
    ['region', it.id],
    ['name', it.name],
    ['state', it.state],
    ['owner', it.server],
    ['epoch', String(it.epoch)],
    ['bounds', `x ${b.minX} to ${b.maxX}, y ${b.minY} to ${b.maxY}, z ${b.minZ} to ${b.maxZ}`],
    ['players', String(it.players)],
    ['entities', `${it.entities}, and ${it.shadows} shadows of neighbours`],
    ['tick', tickText(it)],
    ['load', percent(it.load) ?? ''],
  ];
}

function serverPairs(it: Server, nowMs: number): Pair[] {
  return [
    ['server', it.id],
    ['region', it.region === '' ? 'none: a spare' : it.region],
    ...processPairs(it, nowMs),
    ['players', String(it.players)],
    ['entities', `${it.entities}, and ${it.shadows} shadows of neighbours`],
    ['tick', tickText(it)],
  ];
}

function gatewayPairs(it: Gateway, nowMs: number): Pair[] {
  const rate = (perS: number | null) => (perS === null ? '' : `, ${Math.round(perS)} a second`);
  return [
    ['gateway', it.id],
    ['url', it.url],
    ...processPairs(it, nowMs),
    ['connections', String(it.connections)],
    ['sessions', String(it.sessions)],
    ['messages in', `${it.messagesIn}${rate(it.messagesInPerS)}, ${bytes(it.bytesIn)}`],
    ['messages out', `${it.messagesOut}${rate(it.messagesOutPerS)}, ${bytes(it.bytesOut)}`],
    ['fenced', `${it.fenced} frames of former owners dropped`],
  ];
}

function processPairs(it: Server | Gateway, nowMs: number): Pair[] {
  const why = [it.code, it.message].filter((text) => text !== '').join(': ');
  return [
    ['state', it.state],
    ...(why === '' ? [] : [['why', why] as const]),
    ['pid', it.pid > 0 ? String(it.pid) : ''],
    ['started', `${dayTime(it.startedAtMs)} (${age(it.startedAtMs, nowMs)} ago), ${it.restarts} restarts`],
    [
      'cpu',
      [percent(it.cpu), it.cpuS === null ? null : `${it.cpuS.toFixed(1)} s in all`].filter((text) => text !== null).join(', '),
    ],
    ['memory', bytes(it.memoryBytes) ?? ''],
  ];
}

function playerPairs(it: Player, nowMs: number): Pair[] {
  const { position: p } = it;
  return [
    ['player', it.id],
    ['name', it.name],
    ['state', it.state],
    ['region', it.region],
    ['server', it.server],
    ['gateway', it.gateway],
    ['epoch', String(it.epoch)],
    ['entity', String(it.entity)],
    ['position', p ? [p.x, p.y, p.z].map((n) => n.toFixed(1)).join('  ') : ''],
    ['ping', it.pingMs === null ? '' : `${ms(it.pingMs)} ms`],
    ['handoffs', `${it.handoffs}${it.lastGapMs === null ? '' : `, the last one with a gap of ${ms(it.lastGapMs)} ms`}`],
    ['joined', `${dayTime(it.joinedAtMs)} (${age(it.joinedAtMs, nowMs)} ago)`],
    ['address', `${it.address}, speaks ${it.format}.v1`],
    ['session', it.session],
    ...(it.closeCode === 0 ? [] : [['closed', `${it.closeCode} ${it.closeReason}`.trim()] as const]),
  ];
}

function tickText({ tickHz, workMs }: Region | Server): string {
  if (!workMs) return tickHz === null ? '' : `${tickHz} Hz`;
  return `${tickHz === null ? '' : `${tickHz} Hz, `}work p50 ${ms(workMs.p50)} ms, p90 ${ms(workMs.p90)} ms, max ${ms(workMs.max)} ms`;
}
