/** What is wrong with a request, in the words of its shape: where, what was expected, what was found. */
import type { z } from 'zod';
import { type FieldError, Refused } from './problems.ts';

type Place = FieldError['in'];

/** Throws REQUEST_INVALID with every complaint. */
export function parseWith<S extends z.ZodType>(shape: S, value: unknown, place: Place): z.output<S> {
  const parsed = shape.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) => fieldErrors(issue, shape, place));
  throw invalid(errors);
}

export function invalid(errors: readonly FieldError[]): Refused {
  const detail = errors
    .map(
      ({ in: where, field, expected, found }) =>
        `${where}${field === '' ? '' : ` ${field}`}: expected ${expected}, found ${found}`,
    )
    .join('; ');
  return new Refused('REQUEST_INVALID', detail, { errors });
}

function fieldErrors(issue: z.core.$ZodIssue, shape: z.ZodType, place: Place): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    const names = 'shape' in shape ? Object.keys(shape.shape as object) : [];
    const expected = names.length === 0 ? `no ${place} parameters` : `one of ${names.join(', ')}`;
    return issue.keys.map((key) => ({
      in: place,
      field: [...issue.path, key].join('.'),
      expected,
      found: 'a name that it does not have',
    }));
  }
  return [{ in: place, field: issue.path.join('.'), expected: expectedBy(issue), found: foundIn(issue.input) }];
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${article(issue.expected)} ${issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? `at least ${issue.minimum} characters`
        : `at least ${issue.minimum}${itemsOf(issue.origin)}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `at most ${issue.maximum} characters`
        : `at most ${issue.maximum}${itemsOf(issue.origin)}`;
    case 'invalid_format':
      return `a text like ${issue.pattern ?? issue.format}`;
    default:
      return issue.message;
  }
}

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? 'an' : 'a');
const itemsOf = (origin: string): string => (origin === 'array' ? ' items' : '');

/** Only what fits a line, and nothing of what may be a secret's whole. */
function foundIn(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (typeof input === 'number') return String(input);
  const text = JSON.stringify(input) ?? typeof input;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
