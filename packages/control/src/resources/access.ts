/** Who may do what: scopes, keys, sessions, and the ticket to play from the page. */
import { z } from 'zod';

/** `read` sees everything but keys and the audit log; `operate` also acts on processes and players; `admin` also has keys and the audit log. */
export const Scope = z.enum(['read', 'operate', 'admin']);
export type Scope = z.infer<typeof Scope>;

export const KeyName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i)
  .describe('1 to 64 letters, digits, - and _');

/** An API key as it is listed: without its secret, of which Atlas keeps only a hash. */
export const Key = z.object({
  name: KeyName,
  scopes: z.array(Scope),
  createdAtMs: z.number(),
  createdBy: z.string(),
  /** null: never, since this control plane started. */
  lastUsedAtMs: z.number().nullable(),
});
export type Key = z.infer<typeof Key>;

export const NewKey = Key.extend({
  /** For `Authorization: Bearer`. It is shown this once. */
  secret: z.string(),
});
export type NewKey = z.infer<typeof NewKey>;

export const Session = z.object({
  /** `local`, `token`, `key:<name>`, `oidc:<subject>`, or empty: nobody yet. */
  actor: z.string(),
  scopes: z.array(Scope),
  /** For the header `X-CSRF-Token` of changes; empty where no cookie is at work. */
  csrf: z.string(),
  /** What a person has to do to get in: nothing, a login with a token, or `oidc`: at an identity provider or with a token. */
  login: z.enum(['none', 'token', 'oidc']),
  version: z.string(),
  /** Of the world, from the configuration. */
  name: z.string(),
  world: z.object({
    bounds: z.object({
      minX: z.number(),
      maxX: z.number(),
      minY: z.number(),
      maxY: z.number(),
      minZ: z.number(),
      maxZ: z.number(),
    }),
    regions: z.int(),
  }),
  /** Pages to play at in the browser, the world's own first and without a name; none where Atlas offers none. */
  play: z.array(z.object({ name: z.string(), path: z.string() })),
});
export type Session = z.infer<typeof Session>;

export const PlayWishes = z.strictObject({
  /** What others see: 1 to 64 bytes of UTF-8 without control characters. One is made up if there is none. */
  name: z.string().min(1).max(64).optional(),
  /** The `player` of an earlier ticket, to be the same again. */
  player: z
    .string()
    .regex(/^play-[a-z0-9]{8,40}$/)
    .optional(),
});
export type PlayWishes = z.infer<typeof PlayWishes>;

export const PlayTicket = z.object({
  /** Of the gateway: `ws://` of its plain listener on loopback, because browsers refuse the development certificate. Empty where there is no world. */
  url: z.string(),
  /** A JWT of the development issuer. */
  token: z.string(),
  /** How long it is good for a new connection, in seconds; a session goes on. */
  validS: z.int(),
  player: z.string(),
  name: z.string(),
  /** Where the game's message schema is to be had, if the game serves one. */
  schemaUrl: z.string().optional(),
});
export type PlayTicket = z.infer<typeof PlayTicket>;
