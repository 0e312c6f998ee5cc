/** What schemas of the configuration are made of: each has beside it what is expected of a value, in words, and an example. */
import { z } from 'zod';

/** Beside a schema: what a person should have written there. */
export interface Guide {
  readonly expected: string;
  readonly example: string;
}

export function told<S extends z.ZodType>(schema: S, expected: string, example: string): S {
  return schema.meta({ expected, example } satisfies Guide) as S;
}

export const id = told(
  z
    .string()
    .min(1)
    .max(64)
    .regex(/^[a-z0-9][a-z0-9_-]*$/i),
  'a short name of letters, digits, - and _',
  "'alpha'",
);
export const ms = (least: number, most: number, example: string) =>
  told(z.int().min(least).max(most), `milliseconds, a whole number from ${least} to ${most}`, example);
export const count = (least: number, most: number, example: string) =>
  told(z.int().min(least).max(most), `a whole number from ${least} to ${most}`, example);
