/** One request to the API and its answer: headers, deadline, CSRF, and refusals as `AdminError`. */

/** RFC 9457, with a code of docs/reference/errors.md. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
}

/** What Atlas refused, or why it was not reached (`NOT_RUNNING`). Tell refusals apart by `code`. */
export class AdminError extends Error {
  readonly code: string;
  /** Of HTTP; 0: nobody answered. */
  readonly status: number;
  readonly problem: Problem | undefined;
  /** When to try again, where the answer said so. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, status = 0, problem?: Problem, retryAfterMs?: number) {
    super(message);
    this.name = 'AdminError';
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly query?: object;
  readonly body?: object;
  /** Repeats of one act carry the same key and take effect once. Made up when absent. */
  readonly idempotencyKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** 0: none, for streams. */
  readonly timeoutMs?: number;
}

export interface RequesterOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch: Fetch;
  readonly timeoutMs: number;
}

export class Requester {
  readonly #options: RequesterOptions;
  /** Of a cookie session, and learnt from `GET /session`: every change has to show it. */
  #csrf: string | undefined;

  constructor(options: RequesterOptions) {
    this.#options = options;
  }

  useCsrf(csrf: string): void {
    this.#csrf = csrf;
  }

  async json<T>(path: string, ask: Ask = {}): Promise<T> {
    const response = await this.send(path, ask);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  async bytes(path: string, ask: Ask = {}): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.send(path, ask);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Rejects with AdminError unless the answer is a good one. */
  async send(path: string, ask: Ask): Promise<Response> {
    const { url, fetch } = this.#options;
    const method = ask.method ?? 'GET';
    // A login needs none, and what it answers has it.
    const isLogin = method === 'POST' && path === '/api/v1/session';
    if (method !== 'GET' && !isLogin && this.#options.token === undefined && this.#csrf === undefined) await this.#learnCsrf();
    const timeoutMs = ask.timeoutMs ?? this.#options.timeoutMs;
    const signals = [ask.signal, timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : undefined].filter((each) => each !== undefined);
    const init: RequestInit = { method, headers: this.#headers(method, ask), credentials: 'same-origin', redirect: 'error' };
    if (ask.body !== undefined) init.body = JSON.stringify(ask.body);
    if (signals.length > 0) init.signal = AbortSignal.any(signals);
    let response: Response;
    try {
      response = await fetch(`${url}${path}${queryText(ask.query)}`, init);
    } catch (error) {
      if (ask.signal?.aborted) throw error;
      throw new AdminError(
        'NOT_RUNNING',
        `no Atlas answers at ${url || 'the address of this page'}: ${reasonOf(error, timeoutMs)}`,
      );
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
  }

  #headers(method: string, ask: Ask): Record<string, string> {
    const headers: Record<string, string> = { accept: 'application/json', ...ask.headers };
    if (this.#options.token !== undefined) headers.authorization = `Bearer ${this.#options.token}`;
    if (ask.body !== undefined) headers['content-type'] = 'application/json';
    if (method === 'GET') return headers;
    headers['idempotency-key'] = ask.idempotencyKey ?? randomKey();
    if (this.#csrf) headers['x-csrf-token'] = this.#csrf;
    return headers;
  }

  /** A page does not know whether a cookie goes with its requests; Atlas does. */
  async #learnCsrf(): Promise<void> {
    this.#csrf = (await this.json<{ csrf: string }>('/api/v1/session')).csrf;
  }
}

function queryText(query: object | undefined): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

async function refusalOf(response: Response): Promise<AdminError> {
  const body = (await response.json().catch(() => undefined)) as (Problem & { reason?: string; message?: string }) | undefined;
  // Of an allocation: `code` is gRPC's, as Agones' clients expect it.
  const problem = typeof body?.reason === 'string' ? { ...body, code: body.reason, detail: body.message ?? '' } : body;
  const after = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(after) ? after * 1000 : undefined;
  if (typeof problem?.code !== 'string') {
    return new AdminError(
      'INTERNAL',
      `the answer was ${response.status} and not of Atlas`,
      response.status,
      undefined,
      retryAfterMs,
    );
  }
  return new AdminError(problem.code, problem.detail, response.status, problem, retryAfterMs);
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing came in ${timeoutMs / 1000} s`;
  // Node's fetch hides what happened in `cause`, browsers do not tell.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
