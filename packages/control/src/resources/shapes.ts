/** Shapes that several resources of the API share. Times are Unix milliseconds (`atMs`) or durations (`…Ms`, `…S`). */
import { z } from 'zod';

export const Id = z.string().min(1).max(64);
export const Point = z.object({ x: z.number(), y: z.number(), z: z.number() });
export const Bounds = z.object({
  minX: z.number(),
  maxX: z.number(),
  minY: z.number(),
  maxY: z.number(),
  minZ: z.number(),
  maxZ: z.number(),
});
export type Bounds = z.infer<typeof Bounds>;

export const limits = {
  /** Items of one page of a list. */
  pageItems: 500,
  pageItemsDefault: 100,
} as const;

/** Query of every list. `cursor` is opaque: what the page before gave as `next`. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(limits.pageItems).default(limits.pageItemsDefault),
  cursor: z.string().max(256).optional(),
});

/** A page of a list. `next` is null on the last one; `total` counts all that match. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable(), total: z.int() });
}
