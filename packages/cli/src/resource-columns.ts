/** The world's things as columns, what matters most first: ranks say which ones a narrow terminal goes without. */
import type { AuditEntry, Event, Gateway, Handoff, Key, Player, Region, Server } from '@horizon-atlas/sdk-admin';
import { age, bytes, clockTime, count, dayTime, ms, percent } from './figures.ts';
import type { Formatter, Paint } from './paint.ts';
import type { Column } from './table.ts';

const plain: Formatter = (text) => text;
const some = (text: string): string | null => (text === '' ? null : text);

const processTone = (state: Server['state'], paint: Paint): Formatter =>
  ({
    starting: paint.yellow,
    ready: paint.green,
    unhealthy: paint.red,
    backoff: paint.yellow,
    stopping: paint.yellow,
    stopped: paint.dim,
    error: paint.red,
  })[state] ?? plain;

/** Beyond 80 % of its time a tick comes late now and then. */
export const loadTone = (load: number | null, paint: Paint): Formatter =>
  load === null ? plain : load > 0.8 ? paint.red : load > 0.5 ? paint.yellow : plain;

const workText = (work: Region['workMs']): string | null => (work ? `${ms(work.p50)}/${ms(work.p90)}` : null);

export const regionColumns: readonly Column<Region>[] = [
  { title: 'REGION', rank: 0, min: 8, cell: ({ id }) => id },
  { title: 'NAME', rank: 5, min: 10, cell: ({ name }) => name },
  {
    title: 'STATE',
    rank: 1,
    cell: ({ state }) => state,
    tone: ({ state }, paint) => ({ active: paint.green, starting: paint.yellow, asleep: paint.dim })[state] ?? plain,
  },
  { title: 'PLAYERS', right: true, rank: 0, cell: ({ players }) => String(players) },
  { title: 'ENTITIES', right: true, rank: 4, cell: ({ entities }) => String(entities) },
  { title: 'SHADOWS', right: true, rank: 8, cell: ({ shadows }) => String(shadows) },
  { title: 'LOAD', right: true, rank: 2, cell: ({ load }) => percent(load), tone: ({ load }, paint) => loadTone(load, paint) },
  { title: 'TICK MS', right: true, rank: 6, cell: ({ workMs }) => workText(workMs) },
  { title: 'EPOCH', right: true, rank: 7, cell: ({ epoch }) => String(epoch) },
  { title: 'OWNER', rank: 3, min: 12, id: true, cell: ({ server }) => some(server) },
];

export function serverColumns(nowMs: number): readonly Column<Server>[] {
  return [
    { title: 'SERVER', rank: 0, min: 13, id: true, cell: ({ id }) => id },
    { title: 'REGION', rank: 1, min: 8, cell: ({ region }) => some(region) },
    { title: 'STATE', rank: 0, cell: ({ state }) => state, tone: ({ state }, paint) => processTone(state, paint) },
    { title: 'PLAYERS', right: true, rank: 2, cell: ({ players }) => String(players) },
    { title: 'CPU', right: true, rank: 3, cell: ({ cpu }) => percent(cpu) },
    { title: 'MEMORY', right: true, rank: 4, cell: ({ memoryBytes }) => bytes(memoryBytes) },
    { title: 'TICK MS', right: true, rank: 5, cell: ({ workMs }) => workText(workMs) },
    { title: 'AGE', right: true, rank: 7, cell: ({ startedAtMs }) => age(startedAtMs, nowMs) },
    { title: 'RESTARTS', right: true, rank: 8, cell: ({ restarts }) => String(restarts) },
    { title: 'PID', right: true, rank: 6, cell: ({ pid }) => (pid > 0 ? String(pid) : null) },
    {
      title: 'WHY',
      rank: 9,
      min: 10,
      cell: ({ code, message }) => some([code, message].filter((text) => text !== '').join(': ')) ?? '',
    },
  ];
}

export function gatewayColumns(nowMs: number): readonly Column<Gateway>[] {
  return [
    { title: 'GATEWAY', rank: 0, min: 13, id: true, cell: ({ id }) => id },
    { title: 'STATE', rank: 0, cell: ({ state }) => state, tone: ({ state }, paint) => processTone(state, paint) },
    { title: 'CLIENTS', right: true, rank: 1, cell: ({ connections }) => String(connections) },
    { title: 'SESSIONS', right: true, rank: 7, cell: ({ sessions }) => String(sessions) },
    { title: 'IN/S', right: true, rank: 3, cell: ({ messagesInPerS }) => count(messagesInPerS) },
    { title: 'OUT/S', right: true, rank: 3, cell: ({ messagesOutPerS }) => count(messagesOutPerS) },
    {
      title: 'REFUSED',
      right: true,
      rank: 4,
      cell: ({ refused }) => count(refused.reduce((sum, each) => sum + each.count, 0)),
    },
    { title: 'CPU', right: true, rank: 5, cell: ({ cpu }) => percent(cpu) },
    { title: 'MEMORY', right: true, rank: 6, cell: ({ memoryBytes }) => bytes(memoryBytes) },
    { title: 'AGE', right: true, rank: 8, cell: ({ startedAtMs }) => age(startedAtMs, nowMs) },
    { title: 'PID', right: true, rank: 9, cell: ({ pid }) => (pid > 0 ? String(pid) : null) },
    { title: 'URL', rank: 2, min: 20, cell: ({ url }) => url },
  ];
}

export function playerColumns(nowMs: number): readonly Column<Player>[] {
  return [
    { title: 'PLAYER', rank: 0, min: 8, id: true, cell: ({ id }) => id },
    { title: 'NAME', rank: 2, min: 8, cell: ({ name }) => name },
    {
      title: 'STATE',
      rank: 3,
      cell: ({ state }) => state,
      tone: ({ state }, paint) =>
        ({ joining: paint.yellow, online: paint.green, away: paint.yellow, gone: paint.dim })[state] ?? plain,
    },
    { title: 'REGION', rank: 0, min: 8, cell: ({ region }) => some(region) },
    { title: 'PING', right: true, rank: 1, cell: ({ pingMs }) => (pingMs === null ? null : ms(pingMs)) },
    { title: 'HANDOFFS', right: true, rank: 4, cell: ({ handoffs }) => String(handoffs) },
    { title: 'GAP MS', right: true, rank: 5, cell: ({ lastGapMs }) => (lastGapMs === null ? null : ms(lastGapMs)) },
    {
      title: 'AT',
      rank: 6,
      cell: ({ position }) => position && [position.x, position.y, position.z].map((n) => Math.round(n)).join(' '),
    },
    { title: 'JOINED', right: true, rank: 7, cell: ({ joinedAtMs }) => age(joinedAtMs, nowMs) },
    { title: 'ADDRESS', rank: 8, min: 9, cell: ({ address }) => some(address) },
    {
      title: 'CLOSED',
      rank: 9,
      min: 8,
      cell: ({ closeCode, closeReason }) => (closeCode === 0 ? '' : `${closeCode} ${closeReason}`.trim()),
    },
  ];
}

export const handoffColumns: readonly Column<Handoff>[] = [
  { title: 'TIME', rank: 3, cell: ({ startedAtMs }) => clockTime(startedAtMs) },
  { title: 'PLAYER', rank: 0, min: 8, cell: ({ player, name, group }) => some(name) ?? some(player) ?? `group ${group}` },
  { title: 'FROM', rank: 1, min: 6, cell: ({ source }) => source },
  { title: 'TO', rank: 0, min: 6, cell: ({ target }) => target },
  {
    title: 'OUTCOME',
    rank: 2,
    cell: ({ outcome }) => outcome,
    tone: ({ outcome }, paint) =>
      ({ done: paint.green, failed: paint.red, 'rolled-back': paint.yellow, 'under-way': paint.cyan })[outcome] ?? plain,
  },
  { title: 'PHASE', rank: 6, cell: ({ phase }) => phase },
  { title: 'GAP MS', right: true, rank: 4, cell: ({ gapMs }) => (gapMs === null ? null : ms(gapMs)) },
  { title: 'FROZEN MS', right: true, rank: 5, cell: ({ frozenMs }) => (frozenMs === null ? null : ms(frozenMs)) },
  { title: 'WARM', rank: 7, cell: ({ warm }) => (warm === null ? null : warm ? 'yes' : 'no') },
  {
    title: 'EPOCH',
    right: true,
    rank: 8,
    cell: ({ epoch, newEpoch }) => (newEpoch === null ? String(epoch) : `${epoch}→${newEpoch}`),
  },
  { title: 'WHY', rank: 9, min: 8, cell: ({ why }) => why },
];

export const eventTone = (tone: Event['tone'], paint: Paint): Formatter =>
  ({ good: paint.green, bad: paint.red, plain })[tone] ?? plain;

export const eventColumns: readonly Column<Event>[] = [
  { title: 'TIME', rank: 1, cell: ({ atMs }) => clockTime(atMs) },
  { title: 'TYPE', rank: 2, min: 8, cell: ({ type }) => type },
  { title: 'WHAT', rank: 0, min: 10, cell: ({ text }) => text, tone: ({ tone }, paint) => eventTone(tone, paint) },
];

export const auditColumns: readonly Column<AuditEntry>[] = [
  { title: 'SEQ', right: true, rank: 4, cell: ({ seq }) => String(seq) },
  { title: 'TIME', rank: 2, cell: ({ atMs }) => dayTime(atMs) },
  { title: 'KIND', rank: 0, min: 10, cell: ({ kind }) => kind },
  { title: 'ACTOR', rank: 1, min: 8, cell: ({ actor }) => actor },
  { title: 'SUBJECT', rank: 0, min: 8, id: true, cell: ({ subject }) => some(subject) },
  { title: 'ADDRESS', rank: 5, cell: ({ address }) => some(address) },
  { title: 'CODE', rank: 3, cell: ({ code }) => some(code), tone: (_row, paint) => paint.yellow },
  { title: 'HASH', rank: 6, cell: ({ hash }) => hash.slice(0, 12) },
];

export const keyColumns: readonly Column<Key>[] = [
  { title: 'KEY', rank: 0, min: 8, cell: ({ name }) => name },
  { title: 'SCOPES', rank: 0, cell: ({ scopes }) => scopes.join(',') },
  { title: 'CREATED', rank: 2, cell: ({ createdAtMs }) => dayTime(createdAtMs) },
  { title: 'BY', rank: 3, min: 8, cell: ({ createdBy }) => createdBy },
  { title: 'LAST USED', rank: 1, cell: ({ lastUsedAtMs }) => (lastUsedAtMs === null ? 'never' : dayTime(lastUsedAtMs)) },
];
