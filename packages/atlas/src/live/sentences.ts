/**
 * What happens inside Atlas, as sentences for people: one table for the event log and for the terminal. A row is found by the name under
 * which a part of Atlas tells of a happening; it says under which type the log keeps it, and whether it is worth a line on the terminal.
 */
import type { Event } from '@horizon-atlas/control';
import type { NewEvent } from './event-log.ts';
import { matchSentences } from './match-sentences.ts';

export type EventFields = Readonly<Record<string, unknown>>;
export type Tone = Event['tone'];

/** A line for the terminal. */
export interface Line {
  readonly atMs: number;
  readonly tone: Tone;
  readonly text: string;
}

/** What a person calls a region, by its id. */
export type RegionNames = (region: string) => string | undefined;

/** Fields as text; a missing one is '?'. */
type Words = (name: string) => string;

export interface Sentence {
  /** Dotted, as the API has it. undefined: this one is not worth keeping. */
  readonly type: string | ((fields: EventFields) => string | undefined);
  readonly tone: Tone | ((fields: EventFields) => Tone);
  readonly text: (words: Words, fields: EventFields) => string;
  /** Happens often, or as a part of something that has a line of its own: the log has it, the terminal does not. */
  readonly quiet?: boolean;
}

const sentences: Readonly<Record<string, Sentence>> = {
  ...matchSentences,
  control_started: { type: 'control.started', tone: 'good', text: (f) => `control plane runs (pid ${f('pid')})` },
  control_resumed: {
    type: 'control.resumed',
    tone: 'good',
    text: (f) => `control plane is back (pid ${f('pid')}), with ${f('servers')} servers and gateways`,
  },
  supervisor_gone: {
    type: 'control.supervisor-gone',
    tone: 'bad',
    text: () => 'the terminal that started this Atlas is gone; it goes on, stop it with atlas down',
  },
  admin_token: {
    type: 'control.admin-token',
    tone: 'plain',
    text: (f) => `the API asks for a token: the admin's is in ${f('file')}`,
  },
  disk: {
    type: ({ level }) => `disk.${level}`,
    tone: ({ level }) => (level === 'ok' ? 'good' : 'bad'),
    text: (f, { level }) => (level === 'ok' ? 'there is room on the disk again' : `${f('message')} (${f('code')})`),
  },
  'coordinator.deposed': { type: 'control.deposed', tone: 'bad', text: () => 'another Atlas has taken this world over' },

  'region.active': {
    type: (fields) => (fields.recovered === true ? 'region.recovered' : 'region.active'),
    tone: 'good',
    text: (f, { recovered, afterMs }) =>
      recovered === true ? `${f('region')} is back${after(afterMs)}` : `${f('region')} is awake`,
  },
  'region.lost': {
    type: 'region.lost',
    tone: 'bad',
    text: (f) => `the server of ${f('region')} is gone; its players wait while another takes over`,
  },
  'region.moving': {
    type: 'region.moving',
    tone: 'plain',
    text: (f) => `${f('region')} is handed over to another server; its players wait for a moment`,
  },
  'region.draining': { type: 'region.draining', tone: 'plain', text: (f) => `${f('region')} falls asleep` },
  'region.asleep': { type: 'region.asleep', tone: 'plain', quiet: true, text: (f) => `${f('region')} is asleep` },
  'region.refused': {
    type: 'region.refused',
    tone: 'bad',
    text: (f) => `${f('server')} does not take ${f('region')} (${f('code')})`,
  },

  'handoff.done': {
    type: 'handoff.done',
    tone: 'plain',
    quiet: true,
    text: (f) => `${f('who')} crossed from ${f('source')} to ${f('target')} (frozen ${f('frozenMs')} ms)`,
  },
  'handoff.failed': {
    type: ({ how }) => (how === 'rolled-back' ? 'handoff.rolled-back' : 'handoff.failed'),
    tone: 'bad',
    text: (f) => `a crossing from ${f('source')} to ${f('target')} ended otherwise: ${f('how')}, ${f('why')}`,
  },

  'player.joined': {
    type: 'player.joined',
    tone: 'good',
    quiet: true,
    text: (f) => `${f('name')} joined in ${f('region')}`,
  },
  'player.away': {
    type: 'player.away',
    tone: 'plain',
    quiet: true,
    text: (f, { code }) => `${f('name')} lost the connection${because(code)} and may come back`,
  },
  'player.back': { type: 'player.back', tone: 'good', quiet: true, text: (f) => `${f('name')} is back` },
  'player.left': {
    type: 'player.left',
    tone: 'plain',
    quiet: true,
    text: (f, { code }) => `${f('name')} left${because(code)}`,
  },

  server_state: {
    type: ({ to, gateway }) => (gateway === true ? gatewayTypes[String(to)] : serverTypes[String(to)]),
    tone: ({ to }) => (to === 'ready' ? 'good' : to === 'unhealthy' || to === 'error' ? 'bad' : 'plain'),
    quiet: true,
    text: (f, { to }) => `${f('post')} ${stateWords[String(to)] ?? String(to)}`,
  },
  // A process writes to a log named after its place.
  server_failed: {
    type: ({ gateway }) => (gateway === true ? 'gateway.failed' : 'server.failed'),
    tone: 'bad',
    text: (f) => `${f('post')}: ${f('message')} (${f('code')}), see logs/${f('post').replace('/', '-')}.log`,
  },

  companion_started: { type: 'companion.started', tone: 'good', text: (f) => `${f('name')} started (pid ${f('pid')})` },
  companion_ended: {
    type: 'companion.ended',
    tone: 'bad',
    text: (f) => `${f('name')} ended (${f('how')}), starts again in ${f('againInMs')} ms`,
  },

  'action.kill': { type: 'action.kill', tone: 'bad', text: (f) => `an operator kills ${f('subject')}` },
  'action.drain': { type: 'action.drain', tone: 'plain', text: (f) => `an operator drains ${f('subject')}` },
  'action.restart': { type: 'action.restart', tone: 'plain', text: (f) => `an operator restarts ${f('subject')}` },
  'action.move': {
    type: 'action.move',
    tone: 'plain',
    text: (f) => `an operator moves ${f('name')} to ${f('x')}, ${f('y')} in ${f('region')}`,
  },
  'action.kick': { type: 'action.kick', tone: 'plain', text: (f) => `an operator sends ${f('name')} away` },
};

const serverTypes: Readonly<Record<string, string>> = {
  starting: 'server.starting',
  ready: 'server.ready',
  unhealthy: 'server.unhealthy',
  backoff: 'server.backoff',
  error: 'server.error',
  stopping: 'server.stopping',
  stopped: 'server.stopped',
};
const gatewayTypes: Readonly<Record<string, string>> = {
  starting: 'gateway.starting',
  ready: 'gateway.up',
  unhealthy: 'gateway.down',
  backoff: 'gateway.down',
  error: 'gateway.down',
  stopping: 'gateway.stopping',
  stopped: 'gateway.down',
};
const stateWords: Readonly<Record<string, string>> = {
  starting: 'starts',
  ready: 'is ready',
  unhealthy: 'has fallen silent',
  backoff: 'waits for its next start',
  error: 'ended too often; the next start waits',
  stopping: 'is asked to end',
  stopped: 'has ended',
};

/** Everything else is told in its own words, if it sounds like trouble. */
const trouble = /fail|crash|died|dead|lost|hung|timeout|refused|error|full|corrupt|rolled_back|rollback|loop|unavailable/i;

/** undefined: not worth a line on the terminal; the log has it. */
export function lineOf(name: string, fields: EventFields, atMs: number, names?: RegionNames): Line | undefined {
  const known = sentenceOf(name);
  if (known?.quiet || (!known && !trouble.test(name))) return undefined;
  // What the log does not keep is no line either.
  if (typeof known?.type === 'function' && known.type(fields) === undefined) return undefined;
  return { atMs, tone: toneOf(known, fields), text: textOf(name, known, fields, names) };
}

/** undefined: not worth keeping. */
export function eventOf(name: string, fields: EventFields, atMs: number, names?: RegionNames): NewEvent | undefined {
  const known = sentenceOf(name);
  if (!known && !trouble.test(name)) return undefined;
  const type = typeof known?.type === 'function' ? known.type(fields) : (known?.type ?? `trouble.${plainName(name)}`);
  if (type === undefined) return undefined;
  return {
    atMs,
    type,
    tone: toneOf(known, fields),
    text: textOf(name, known, fields, names),
    region: aboutOf(fields.region ?? fields.target),
    server: aboutOf(fields.server),
    player: aboutOf(fields.player),
    fields: jsonOf(fields),
  };
}

function sentenceOf(name: string): Sentence | undefined {
  const plain = name.replace(/^atlas_/, '');
  if (Object.hasOwn(sentences, name)) return sentences[name];
  return Object.hasOwn(sentences, plain) ? sentences[plain] : undefined;
}

function toneOf(known: Sentence | undefined, fields: EventFields): Tone {
  return typeof known?.tone === 'function' ? known.tone(fields) : (known?.tone ?? 'bad');
}

function textOf(name: string, known: Sentence | undefined, fields: EventFields, names: RegionNames | undefined): string {
  const places = new Set(['region', 'source', 'target']);
  const words: Words = (key) => {
    const value = fields[key];
    return say(places.has(key) && typeof value === 'string' ? (names?.(value) ?? value) : value);
  };
  if (known) return known.text(words, fields);
  const details = Object.entries(fields).map(([key, value]) => `${key} ${say(value)}`);
  return [plainName(name).replaceAll(/[_.-]/g, ' '), ...details].join(', ');
}

function plainName(name: string): string {
  return name.replace(/^atlas_/, '');
}

function after(ms: unknown): string {
  return typeof ms === 'number' ? ` after ${(ms / 1000).toFixed(1)} s` : '';
}

function because(code: unknown): string {
  return typeof code === 'string' && code !== '' ? ` (${code})` : '';
}

function aboutOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** As JSON takes them: whatever a part of Atlas tells must not break the stream. */
function jsonOf(fields: EventFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (value instanceof Error) return [key, value.message];
      if (typeof value === 'bigint') return [key, String(value)];
      return [key, typeof value === 'number' && !Number.isFinite(value) ? null : value];
    }),
  );
}

function say(value: unknown): string {
  if (value === undefined || value === null || value === '') return '?';
  if (value instanceof Error) return value.message;
  if (typeof value === 'object') return JSON.stringify(value) ?? '?';
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(1) : String(value);
}
