/** Fields of a schema as rows of a table: what stands above each in its source, what is expected, and what it is when absent. */
import { z } from 'zod';
import { type CommentedFields, commentsFor } from './doc-comments.ts';
import { code, table } from './generated-page.ts';

export interface Field {
  readonly path: string;
  readonly schema: z.ZodType;
  readonly means: string;
  /** Nothing has to be written. */
  readonly optional: boolean;
  readonly standard: string;
}

export interface FieldSource {
  readonly commented: readonly CommentedFields[];
  /** Defaults that stand elsewhere, by path. */
  readonly standards?: Readonly<Record<string, number>>;
  /** Fields of alternatives have rows, too, each once. */
  readonly alternatives?: boolean;
}

export function rows(fields: readonly Field[]): string {
  return table(
    ['Field', 'What it is', 'Expected', 'Default'],
    fields.map(({ path, schema, means, standard }) => {
      const guide = guideOf(schema);
      const example = guide && guide.example !== standard ? ` such as ${code(guide.example)}` : '';
      return [
        code(path),
        means,
        guide ? `${guide.expected}${isGroup(schema) ? '' : `,${example}`.replace(/,$/, '')}` : '',
        standard,
      ];
    }),
  );
}

export function fieldsUnder(at: string, schema: z.ZodType, from: FieldSource): Field[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return fieldsUnder(`${at}[]`, inner.element as z.ZodType, from);
  // Of names that people choose: what stands under each.
  if (inner instanceof z.ZodRecord) return fieldsUnder(`${at}.NAME`, inner.valueType as z.ZodType, from);
  if (inner instanceof z.ZodUnion && from.alternatives) {
    const all = (inner.options as z.ZodType[]).flatMap((each) => fieldsUnder(at, each, from));
    return all.filter(({ path }, i) => all.findIndex((each) => each.path === path) === i);
  }
  if (!(inner instanceof z.ZodObject)) return [];
  const shape = inner.shape as Record<string, z.ZodType>;
  const comments = commentsFor(from.commented, Object.keys(shape));
  return Object.entries(shape).flatMap(([name, each]) => {
    const path = at === '' ? name : `${at}.${name}`;
    const field: Field = { path, schema: each, means: comments.get(name) ?? '', ...standardOf(path, each, from) };
    return [field, ...fieldsUnder(path, each, from)];
  });
}

function standardOf(path: string, schema: z.ZodType, { standards }: FieldSource): { optional: boolean; standard: string } {
  const own = standards?.[path];
  if (own !== undefined) return { optional: true, standard: code(String(own)) };
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const value = schema.def.defaultValue as unknown;
    return { optional: true, standard: schema instanceof z.ZodPrefault ? '' : code(written(value)) };
  }
  return schema instanceof z.ZodOptional ? { optional: true, standard: '' } : { optional: false, standard: '**required**' };
}

/** As a person would write it in a module. */
function written(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([name, each]) => `${name}: ${written(each)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

export function isGroup(schema: z.ZodType): boolean {
  const inner = unwrap(schema);
  return (
    inner instanceof z.ZodObject || (inner instanceof z.ZodArray && unwrap(inner.element as z.ZodType) instanceof z.ZodObject)
  );
}

export function guideOf(schema: z.ZodType): { expected: string; example: string } | undefined {
  const meta = schema.meta() ?? unwrap(schema).meta();
  return typeof meta?.expected === 'string' ? (meta as { expected: string; example: string }) : undefined;
}

export function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}
