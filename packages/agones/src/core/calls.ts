/** The calls of `agones.dev.sdk.SDK` that are a question and an answer; health and watch are streams, and lie with the listeners. */
import type { GameServers, GameServerView, GameServerWord } from '@horizon-atlas/protocol';
import { type Answer, answered, empty, type Refusal, refused } from './answer.ts';
import { gameServerOf, type HealthTerms } from './game-server-shape.ts';
import { agonesLimits, sdkPrefix } from './limits.ts';

/** What a request says: fields of all requests with the names of the .proto, none of them checked; absent ones are absent. */
export interface Request {
  readonly name?: unknown;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly values?: unknown;
  readonly seconds?: unknown;
  readonly count?: unknown;
  readonly countDiff?: unknown;
  readonly capacity?: unknown;
  readonly playerID?: unknown;
  readonly paths?: unknown;
  readonly list?: Request;
  readonly update_mask?: Request;
  readonly counterUpdateRequest?: Request;
}

/** As much of `GameServers` as a voice needs. */
export type Heard = Pick<GameServers, 'get' | 'watch' | 'heard'>;

/** Who speaks. */
export interface Speaker {
  readonly id: string;
  readonly servers: Heard;
  readonly health: HealthTerms;
}

export type Run = (speaker: Speaker, request: Request) => Answer;

export const sdkCalls = {
  Ready: (speaker) => say(speaker, { say: 'ready' }),
  Allocate: (speaker) => say(speaker, { say: 'allocate' }),
  Shutdown: (speaker) => say(speaker, { say: 'shutdown' }),
  /** One ping; a stream of them is as many calls. */
  Health: (speaker) => say(speaker, { say: 'health' }),
  GetGameServer: (speaker) => withView(speaker, (view) => answered(gameServerOf(view, speaker.health))),
  SetLabel: (speaker, request) => setLabel(speaker, textOf(request.key), textOf(request.value)),
  SetAnnotation: (speaker, request) => setAnnotation(speaker, textOf(request.key), textOf(request.value)),
  Reserve(speaker: Speaker, request: Request): Answer {
    const seconds = numberOf(request.seconds) ?? 0;
    if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds > 10 ** 9)
      return refused('INVALID_ARGUMENT', 'REQUEST_INVALID', `a reservation lasts 0 to 10^9 seconds, not ${seconds}`);
    return say(speaker, { say: 'reserve', forMs: seconds * 1000 });
  },
} as const satisfies Readonly<Record<string, Run>>;

export function say({ id, servers }: Speaker, word: GameServerWord): Answer {
  if (servers.heard(id, word)) return empty;
  const view = servers.get(id);
  if (!view) return unknown(id);
  return refused('FAILED_PRECONDITION', 'PROCESS_STATE', `${word.say} is not possible while the server is ${view.state}`);
}

export function withView({ id, servers }: Speaker, run: (view: GameServerView) => Answer): Answer {
  const view = servers.get(id);
  return view ? run(view) : unknown(id);
}

function unknown(id: string): Refusal {
  return refused('NOT_FOUND', 'SERVER_UNKNOWN', `Atlas runs no game server ${id} any more`);
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** undefined: absent. NaN: no number that can be counted with. */
export function numberOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'number' && typeof value !== 'string') return Number.NaN;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

function setLabel(speaker: Speaker, key: string, value: string): Answer {
  const { labelKeyChars, labelValueChars } = agonesLimits;
  if (!labelName.test(key) || key.length > labelKeyChars - 4)
    return metadata(`a label's key is 1 to ${labelKeyChars - 4} letters, digits, '-', '_' or '.'`);
  if (value.length > labelValueChars || (value !== '' && !labelName.test(value)))
    return metadata(`a label's value is at most ${labelValueChars} letters, digits, '-', '_' or '.'`);
  return setKey(speaker, 'label', key, value);
}

function setAnnotation(speaker: Speaker, key: string, value: string): Answer {
  const { labelKeyChars, annotationValueBytes } = agonesLimits;
  if (!labelName.test(key) || key.length > labelKeyChars - 4)
    return metadata(`an annotation's key is 1 to ${labelKeyChars - 4} letters, digits, '-', '_' or '.'`);
  if (value.length > annotationValueBytes) return metadata(`an annotation's value is at most ${annotationValueBytes} characters`);
  return setKey(speaker, 'annotation', key, value);
}

const labelName = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

function setKey(speaker: Speaker, kind: 'label' | 'annotation', key: string, value: string): Answer {
  const full = sdkPrefix + key;
  return withView(speaker, (view) => {
    const held = kind === 'label' ? view.labels : view.annotations;
    if (!Object.hasOwn(held, full) && Object.keys(held).length >= agonesLimits.keys)
      return metadata(`a server has at most ${agonesLimits.keys} ${kind}s`);
    return say(speaker, { say: kind, key: full, value });
  });
}

function metadata(message: string): Refusal {
  return refused('INVALID_ARGUMENT', 'METADATA_INVALID', message);
}
