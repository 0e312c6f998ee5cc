/** Reads the statement of a compound rule: `or(and(Serious, CloseSkill), not(Casual))`. */
import type { Statement } from './core/rule-set.ts';

export type ParsedStatement = { readonly ok: true; readonly statement: Statement } | { readonly ok: false; readonly why: string };

export const limits = { depth: 16 } as const;

/** `refuse` says why a rule of that name cannot stand in a statement; undefined if it can. */
export function parseStatement(text: string, refuse: (rule: string) => string | undefined): ParsedStatement {
  const tokens = text.match(/[^\s(),]+|[(),]/g) ?? [];
  let at = 0;
  const read = (depth: number): Statement => {
    if (depth > limits.depth) throw new Refusal('it is too deep');
    const word = tokens[at++];
    if (word === undefined || /^[(),]$/.test(word))
      throw new Refusal(`expected a rule or and, or, xor, not; found ${word ?? 'the end'}`);
    if (tokens[at] !== '(') {
      const why = refuse(word);
      if (why !== undefined) throw new Refusal(why);
      return { rule: word };
    }
    if (word !== 'and' && word !== 'or' && word !== 'xor' && word !== 'not') {
      throw new Refusal(`there is no ${word}(…); there are and, or, xor, not`);
    }
    const of: Statement[] = [];
    do {
      at++;
      of.push(read(depth + 1));
    } while (tokens[at] === ',');
    if (tokens[at++] !== ')') throw new Refusal(`expected ) after ${of.length} of ${word}(…)`);
    if (word === 'not' ? of.length !== 1 : of.length < 2)
      throw new Refusal(`${word}(…) takes ${word === 'not' ? 'one' : 'two or more'}`);
    return { combine: word, of };
  };
  try {
    const statement = read(0);
    if (at < tokens.length) throw new Refusal(`expected the end, found ${tokens[at]}`);
    return { ok: true, statement };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, why: error.message };
    throw error;
  }
}

class Refusal extends Error {}
