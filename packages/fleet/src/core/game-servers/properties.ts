/** What a game server is labelled with and what it counts, and how words change that. Agones' rules: counts stay between 0 and the capacity. */
import type { GameServerCounter, GameServerList, GameServerView, GameServerWord } from '@horizon-atlas/protocol';
import { gameServerLimits as limits } from './policy.ts';

export interface Properties {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly counters: Readonly<Record<string, GameServerCounter>>;
  readonly lists: Readonly<Record<string, GameServerList>>;
  readonly players: GameServerView['players'];
}

/** With the word in it: the same object where it says nothing new; undefined: refused, nothing has changed. */
export function applied(had: Properties, word: GameServerWord): Properties | undefined {
  switch (word.say) {
    case 'players':
      return { ...had, players: playersOf(had.players, word) };
    case 'joined':
    case 'left':
      return { ...had, players: moved(had.players, word.say, word.player) };
    case 'label':
      return texted(had, 'labels', word.key, word.value);
    case 'annotation':
      return texted(had, 'annotations', word.key, word.value);
    case 'counter':
      return counted(had, word);
    case 'list':
      return listed(had, word);
    default:
      return had;
  }
}

function playersOf(
  had: Properties['players'],
  { count, capacity, names }: Extract<GameServerWord, { say: 'players' }>,
): Properties['players'] {
  const named = names?.slice(0, limits.playersNamed);
  return { count, capacity: capacity ?? had?.capacity ?? 0, ...(named ? { names: named } : {}) };
}

/** Where names are known, who comes twice is there once. */
function moved(had: Properties['players'], say: 'joined' | 'left', player: string): Properties['players'] {
  const { count = 0, capacity = 0, names = count === 0 ? [] : undefined } = had ?? {};
  if (names === undefined) return { count: Math.max(0, count + (say === 'joined' ? 1 : -1)), capacity };
  const others = names.filter((each) => each !== player);
  const next = say === 'joined' ? [...others, player].slice(0, limits.playersNamed) : others;
  return { count: next.length, capacity, names: next };
}

function texted(had: Properties, what: 'labels' | 'annotations', key: string, value: string): Properties | undefined {
  const texts = had[what];
  if (texts[key] === value) return had;
  if (key === '' || key.length > limits.keyChars || value.length > limits.valueChars) return undefined;
  if (!Object.hasOwn(texts, key) && Object.keys(texts).length >= limits.labels) return undefined;
  return { ...had, [what]: { ...texts, [key]: value } };
}

function counted(had: Properties, word: Extract<GameServerWord, { say: 'counter' }>): Properties | undefined {
  const counter = had.counters[word.name];
  if (!counter) return undefined;
  const capacity = word.capacity ?? counter.capacity;
  const count = (word.count ?? counter.count) + (word.by ?? 0);
  if (!isCount(capacity) || !isCount(count) || count > capacity) return undefined;
  return { ...had, counters: { ...had.counters, [word.name]: { count, capacity } } };
}

function listed(had: Properties, word: Extract<GameServerWord, { say: 'list' }>): Properties | undefined {
  const list = had.lists[word.name];
  if (!list) return undefined;
  const capacity = word.capacity ?? list.capacity;
  const removed = new Set(word.remove ?? []);
  const values = [...new Set([...(word.values ?? list.values).filter((each) => !removed.has(each)), ...(word.add ?? [])])];
  if (!isCount(capacity) || capacity > limits.listValues) return undefined;
  // A capacity below what is in it lets the rest fall off, as Agones does.
  const fits = word.capacity !== undefined && word.add === undefined ? values.slice(0, capacity) : values;
  if (fits.length > capacity || fits.some((each) => each.length > limits.keyChars)) return undefined;
  return { ...had, lists: { ...had.lists, [word.name]: { values: fits, capacity } } };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
