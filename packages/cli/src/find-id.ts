/**
 * From what a person typed to the thing that is meant: its id, its name, the beginning of either as far as it is unique, the shortened
 * form of a table, or the last letters of an id. Where nothing is, the nearest is suggested.
 */
import { nearest } from '@horizon-atlas/atlas';
import { AtlasError } from '@horizon-atlas/protocol';
import { harmless } from './text-width.ts';

export type Kind = 'region' | 'server' | 'gateway' | 'player' | 'fleet' | 'gameserver' | 'match' | 'session';

export interface Candidate {
  readonly kind: Kind;
  readonly id: string;
  /** Empty where it has none. */
  readonly name: string;
}

export const limits = {
  /** Fewer last letters than this are chance. */
  tailLetters: 4,
  /** Of several that could be meant so many are named. */
  named: 5,
} as const;

/** Throws NOT_FOUND, or ID_AMBIGUOUS with what it could be. */
export function findId<C extends Candidate>(typed: string, candidates: readonly C[], what: string): C {
  for (const fits of ways(typed)) {
    const found = candidates.filter(fits);
    const [only, ...others] = found;
    if (only !== undefined && others.length === 0) return only;
    if (only !== undefined)
      throw new AtlasError('ID_AMBIGUOUS', `${harmless(typed)} could be ${several(found)}: type more of it`);
  }
  const names = candidates.flatMap(({ id, name }) => (name === '' ? [id] : [id, name]));
  const close = nearest(typed, names);
  const hint =
    close === undefined ? (candidates.length === 0 ? `there is no ${what} at all` : '') : `did you mean ${harmless(close)}?`;
  throw new AtlasError('ID_UNKNOWN', `there is no ${what} ${harmless(typed)}${hint === '' ? '' : `; ${hint}`}`);
}

/** From the strictest to the loosest; the first that fits anything decides. */
function ways(typed: string): ((candidate: Candidate) => boolean)[] {
  const text = typed.toLowerCase();
  const [head = '', tail, ...more] = text.split('…');
  const shortened = tail !== undefined && more.length === 0;
  return [
    ({ id }) => id === typed,
    ({ id, name }) => id.toLowerCase() === text || name.toLowerCase() === text,
    ({ id }) => id.toLowerCase().startsWith(text),
    // Without the kind that ids begin with.
    ({ id }) =>
      id
        .slice(id.indexOf('_') + 1)
        .toLowerCase()
        .startsWith(text),
    ({ name }) => name.toLowerCase().startsWith(text),
    ({ id }) => shortened && id.toLowerCase().startsWith(head) && id.toLowerCase().endsWith(tail),
    ({ id }) => text.length >= limits.tailLetters && id.toLowerCase().endsWith(text),
  ];
}

function several(found: readonly Candidate[]): string {
  const named = found
    .slice(0, limits.named)
    .map(({ kind, id, name }) => `${kind} ${harmless(id)}${name === '' || name === id ? '' : ` (${harmless(name)})`}`);
  const rest = found.length - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
