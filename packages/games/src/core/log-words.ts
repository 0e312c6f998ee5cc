/**
 * What the lines of a server's log say, by the patterns of its definition. Lines that are players' own words are recognised first and say nothing: whatever
 * somebody types or calls himself, he can write no line that counts as the server's.
 */
import type { GameDefinition } from './definition-schema.ts';
import { compile } from './log-pattern.ts';

export type LogWord =
  /** Index of the condition among those of `ready`. */
  | { readonly kind: 'ready'; readonly condition: number }
  | { readonly kind: 'join' | 'leave'; readonly player: string; readonly key: string }
  | { readonly kind: 'list'; readonly players: readonly string[] }
  | { readonly kind: 'saved' }
  | { readonly kind: 'lost'; readonly line: string };

export class LogWords {
  readonly #ignored: readonly RegExp[];
  readonly #ready: readonly { readonly condition: number; readonly pattern: RegExp }[];
  readonly #join: RegExp | undefined;
  readonly #leave: RegExp | undefined;
  readonly #list: RegExp | undefined;
  readonly #lost: RegExp | undefined;
  readonly #saved: RegExp | undefined;
  readonly #separator: string;

  constructor({ players, ready, health, saves }: GameDefinition) {
    const maybe = (source: string | undefined) => (source === undefined ? undefined : compile(source));
    this.#ignored = (players?.ignore ?? []).map(compile);
    this.#ready = (ready?.any ?? ready?.all ?? []).flatMap((each, condition) =>
      'log' in each ? [{ condition, pattern: compile(each.log) }] : [],
    );
    this.#join = maybe(players?.join);
    this.#leave = maybe(players?.leave);
    this.#list = maybe(players?.list);
    this.#lost = maybe(health.log);
    this.#saved = maybe(saves?.done);
    this.#separator = players?.separator ?? ' ';
  }

  read(line: string): LogWord[] {
    if (this.#ignored.some((pattern) => pattern.test(line))) return [];
    const words: LogWord[] = [];
    for (const { condition, pattern } of this.#ready) if (pattern.test(line)) words.push({ kind: 'ready', condition });
    const list = this.#list?.exec(line);
    if (list) words.push({ kind: 'list', players: this.#names(list.groups?.players ?? '') });
    else {
      const join = this.#join?.exec(line);
      if (join) words.push({ kind: 'join', ...who(join) });
      const leave = this.#leave?.exec(line);
      if (leave) words.push({ kind: 'leave', ...who(leave) });
    }
    if (this.#saved?.test(line)) words.push({ kind: 'saved' });
    if (this.#lost?.test(line)) words.push({ kind: 'lost', line });
    return words;
  }

  #names(text: string): string[] {
    return text
      .split(this.#separator)
      .map((name) => name.trim())
      .filter((name) => name !== '');
  }
}

function who({ groups }: RegExpExecArray): { readonly player: string; readonly key: string } {
  const player = groups?.player ?? '';
  return { player, key: groups?.key ?? player };
}
