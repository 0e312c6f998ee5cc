/** What the control-plane process tells the one that watches over it (and shows it on a terminal), over the pipe between them. */
import type { Status } from '@horizon-atlas/control';
import { AtlasError, type ErrorCode, type ErrorEntry, errors } from '@horizon-atlas/protocol';
import type { AtlasConfig } from './config.ts';

export type ControlReport =
  | {
      readonly kind: 'running';
      readonly version: string;
      readonly api: string;
      readonly gateways: readonly string[];
      readonly resumed: boolean;
      /** URLs of pages to play at, beside the first one. */
      readonly pages?: readonly string[];
    }
  /** Four times a second. */
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'event'; readonly atMs: number; readonly name: string; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'stopping' }
  /** The last one. */
  | { readonly kind: 'ended' }
  /** It cannot start, and trying again would not help. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string };

/** The other way. */
export type ControlOrder =
  /** Comes first, once. */
  | { readonly kind: 'begin'; readonly config: AtlasConfig }
  /** Drain and end; again: without waiting for anybody. */
  | { readonly kind: 'stop' };

/** How the control-plane process ends. */
export const exitCode = {
  /** It was asked to, and everything it had started is gone. */
  stopped: 0,
  /** A fault: worth another try. */
  crashed: 1,
  /** It cannot start with this configuration on this machine; the report says why. */
  refused: 2,
} as const;

/**
 * The code of an error that no second start would heal; undefined: a fault, so try again. Adapters know nothing of AtlasError, but their
 * errors carry a code of the same table.
 */
export function refusalOf(error: unknown): ErrorCode | undefined {
  if (error instanceof AtlasError) return error.code;
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code !== 'string' || !Object.hasOwn(errors, code)) return undefined;
  const known = code as ErrorCode;
  const entry: ErrorEntry = errors[known];
  return entry.retry ? undefined : known;
}
