/** What a call of Agones' SDK is answered with: a message, or one of gRPC's status codes with a text that begins with a code of Atlas's. */
import { type ErrorCode, errors } from '@horizon-atlas/protocol';

/** gRPC's status codes, those that are used here, with the HTTP status that grpc-gateway gives to each. */
export const statuses = {
  INVALID_ARGUMENT: { code: 3, http: 400 },
  NOT_FOUND: { code: 5, http: 404 },
  ALREADY_EXISTS: { code: 6, http: 409 },
  FAILED_PRECONDITION: { code: 9, http: 400 },
  OUT_OF_RANGE: { code: 11, http: 400 },
  UNIMPLEMENTED: { code: 12, http: 501 },
} as const;
export type StatusName = keyof typeof statuses;

export interface Refusal {
  readonly ok: false;
  readonly status: StatusName;
  readonly message: string;
}
/** `message`: an object as protobuf's JSON has it, with the names of the .proto and numbers as numbers. */
export type Answer = { readonly ok: true; readonly message: Readonly<Record<string, unknown>> } | Refusal;

export const empty: Answer = { ok: true, message: {} };

export function answered(message: Readonly<Record<string, unknown>>): Answer {
  return { ok: true, message };
}

/** Agones' own words follow its code, since there are clients that look for them. */
export function refused(status: StatusName, code: ErrorCode, message: string = errors[code].text): Refusal {
  return { ok: false, status, message: `${code}: ${message}` };
}
