/**
 * Asks a webhook, with the request that Agones' FleetAutoscaler sends and the answer that it takes. It has a deadline and a bound on its size; what
 * comes of it is an answer or a trouble in words, and nobody waits.
 */
import type { ErrorCode } from '@horizon-atlas/protocol';

export interface WebhookAsk {
  readonly uid: string;
  readonly fleet: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly replicas: number;
  readonly ready: number;
  readonly reserved: number;
  readonly allocated: number;
}

export type WebhookOutcome =
  /** `replicas` undefined: the size may stay. */
  | { readonly ok: true; readonly replicas: number | undefined }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

export const webhookLimits = {
  answerBytes: 64 * 1024,
  replicas: 1_000_000,
} as const;

export async function askWebhook(url: string, ask: WebhookAsk, timeoutMs: number): Promise<WebhookOutcome> {
  const { uid, fleet, labels, replicas, ready, reserved, allocated } = ask;
  const status = { replicas, readyReplicas: ready, reservedReplicas: reserved, allocatedReplicas: allocated };
  const review = { request: { uid, name: fleet, namespace: 'default', labels, annotations: {}, status }, response: null };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(review),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) {
      await response.body?.cancel();
      return invalid(`it answered with status ${response.status}`);
    }
    const text = await textOf(response);
    return text === undefined ? invalid(`its answer is longer than ${webhookLimits.answerBytes} bytes`) : read(text, uid);
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError')
      return { ok: false, code: 'WEBHOOK_TIMEOUT', message: `no answer within ${timeoutMs} ms` };
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { ok: false, code: 'WEBHOOK_FAILED', message: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** undefined: too long. */
async function textOf(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (!response.body) return '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > webhookLimits.answerBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function read(text: string, uid: string): WebhookOutcome {
  let review: unknown;
  try {
    review = JSON.parse(text);
  } catch {
    return invalid('its answer is no JSON');
  }
  const response = (review as { response?: unknown } | null)?.response as Record<'uid' | 'scale' | 'replicas', unknown> | null;
  if (typeof response !== 'object' || response === null) return invalid('its answer has no response');
  if (response.uid !== undefined && response.uid !== uid) return invalid('its answer is to another request: the uid differs');
  if (typeof response.scale !== 'boolean') return invalid('response.scale is neither true nor false');
  if (!response.scale) return { ok: true, replicas: undefined };
  const { replicas } = response;
  if (!Number.isInteger(replicas) || (replicas as number) < 0 || (replicas as number) > webhookLimits.replicas)
    return invalid(`response.replicas is no whole number from 0 to ${webhookLimits.replicas}`);
  return { ok: true, replicas: replicas as number };
}

function invalid(message: string): WebhookOutcome {
  return { ok: false, code: 'WEBHOOK_INVALID', message };
}
