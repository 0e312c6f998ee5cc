/**
 * Agones' REST paths, which its SDKs for Unreal, Unity and Godot use: HTTP/1 with the JSON that grpc-gateway makes of the messages (names of the
 * .proto, whole numbers of 64 bits as text, defaults left out, errors as `{code, message, details}`).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type Answer, type StatusName, statuses } from './core/answer.ts';
import { type Request, type Run, type Speaker, sdkCalls } from './core/calls.ts';
import { alphaCalls } from './core/calls-alpha.ts';
import { betaCalls } from './core/calls-beta.ts';
import { agonesLimits } from './core/limits.ts';
import { toJson } from './rest-json.ts';
import type { Watching } from './watching.ts';

/** Not imported: as a module it brings all of fetch and WebSocket with it, 10 MB of memory and a tenth of a second. */
const { createServer } = process.getBuiltinModule('node:http');

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** With named groups for what stands in the path. */
  readonly path: RegExp;
  readonly run: Run | undefined;
  /** Of the call, from what stands in the path and in the body. */
  readonly request?: (path: Record<string, string>, body: Request) => Request;
}

const route = (method: Route['method'], path: string, run: Run | undefined, request?: Route['request']): Route => ({
  method,
  path: new RegExp(`^${path}$`),
  run,
  ...(request && { request }),
});

const named = (path: Record<string, string>, body: Request): Request => ({ ...body, name: path.name });

const routes: readonly Route[] = [
  route('POST', '/ready', sdkCalls.Ready),
  route('POST', '/health', sdkCalls.Health),
  route('POST', '/allocate', sdkCalls.Allocate),
  route('POST', '/shutdown', sdkCalls.Shutdown),
  route('POST', '/reserve', sdkCalls.Reserve),
  route('GET', '/gameserver', sdkCalls.GetGameServer),
  route('PUT', '/metadata/label', sdkCalls.SetLabel),
  route('PUT', '/metadata/annotation', sdkCalls.SetAnnotation),
  route('GET', '/v1beta1/counters/(?<name>[^/:]+)', betaCalls.GetCounter, named),
  route('PATCH', '/v1beta1/counters/(?<name>[^/:]+)', betaCalls.UpdateCounter, (path, body) => ({
    counterUpdateRequest: named(path, body),
  })),
  route('GET', '/v1beta1/lists/(?<name>[^/:]+)', betaCalls.GetList, named),
  route('PATCH', '/v1beta1/lists/(?<name>[^/:]+)', betaCalls.UpdateList, (path, body) => ({
    list: named(path, body),
    // The gateway takes the fields that stand in the body for those that are meant.
    update_mask: { paths: Object.keys(body).filter((key) => key !== 'name') },
  })),
  route('POST', '/v1beta1/lists/(?<name>[^/:]+):addValue', betaCalls.AddListValue, named),
  route('POST', '/v1beta1/lists/(?<name>[^/:]+):removeValue', betaCalls.RemoveListValue, named),
  route('POST', '/alpha/player/connect', alphaCalls.PlayerConnect),
  route('POST', '/alpha/player/disconnect', alphaCalls.PlayerDisconnect),
  route('PUT', '/alpha/player/capacity', alphaCalls.SetPlayerCapacity),
  route('GET', '/alpha/player/capacity', alphaCalls.GetPlayerCapacity),
  route('GET', '/alpha/player/count', alphaCalls.GetPlayerCount),
  route('GET', '/alpha/player/connected/(?<playerID>[^/]+)', alphaCalls.IsPlayerConnected, (path) => path),
  route('GET', '/alpha/player/connected', alphaCalls.GetConnectedPlayers),
];

/** Serves connections that are handed to it; it listens nowhere itself. @param speakerOf who is at the other end of a connection */
export function restServer(speakerOf: (socket: object) => Speaker | undefined, watching: Watching): Server {
  const server = createServer((request, response) => {
    const speaker = speakerOf(request.socket);
    if (!speaker) return void response.destroy();
    void serve(speaker, request, response, watching).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;
  server.requestTimeout = 30_000;
  return server;
}

async function serve(speaker: Speaker, request: IncomingMessage, response: ServerResponse, watching: Watching): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (request.method === 'GET' && path === '/watch/gameserver') return watch(speaker, response, watching);
  const found = routes.filter((candidate) => candidate.path.test(path));
  const chosen = found.find(({ method }) => method === request.method);
  if (!chosen?.run) {
    request.resume();
    return found.length > 0
      ? fail(response, 'UNIMPLEMENTED', 'METHOD_NOT_ALLOWED: the path does not answer that method', 405)
      : fail(response, 'NOT_FOUND', 'NOT_FOUND: Agones’ SDK has no such path');
  }
  const body = await bodyOf(request);
  if (body === 'too big') return fail(response, 'OUT_OF_RANGE', 'MESSAGE_TOO_BIG: the body is larger than the limit', 413);
  if (body === undefined) return fail(response, 'INVALID_ARGUMENT', 'REQUEST_INVALID: the body is no JSON object');
  const groups = namesIn(chosen.path.exec(path)?.groups ?? {});
  if (!groups) return fail(response, 'INVALID_ARGUMENT', 'REQUEST_INVALID: the path is malformed');
  tell(response, chosen.run(speaker, chosen.request?.(groups, body) ?? body));
}

function tell(response: ServerResponse, answer: Answer): void {
  if (!answer.ok) return fail(response, answer.status, answer.message);
  send(response, 200, toJson(answer.message));
}

function fail(response: ServerResponse, status: StatusName, message: string, http: number = statuses[status].http): void {
  send(response, http, { code: statuses[status].code, message, details: [] });
}

function send(response: ServerResponse, http: number, value: unknown): void {
  if (response.destroyed) return;
  response.writeHead(http, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** One JSON object a line, each under `result`, until the server or the watcher is gone. */
function watch(speaker: Speaker, response: ServerResponse, watching: Watching): void {
  if (!speaker.servers.get(speaker.id)) return fail(response, 'NOT_FOUND', 'SERVER_UNKNOWN: the server is gone');
  // The head goes out with the first line.
  response.setHeader('content-type', 'application/json');
  const watched = watching.watch(speaker, {
    send: (message) => response.write(`${JSON.stringify({ result: toJson(message) })}\n`),
    ended: () => response.end(),
  });
  if (!watched) return fail(response, 'OUT_OF_RANGE', 'RATE_LIMITED: this server watches itself too often', 429);
  response.on('drain', watched.drained);
  response.on('close', watched.stop);
}

async function bodyOf(request: IncomingMessage): Promise<Request | 'too big' | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read and thrown away, so that the answer can be.
    if (bytes <= agonesLimits.messageBytes) chunks.push(chunk);
    else if (bytes > 16 * agonesLimits.messageBytes) request.destroy();
  }
  if (bytes > agonesLimits.messageBytes) return 'too big';
  const text = Buffer.concat(chunks).toString('utf8').trim();
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Request) : undefined;
  } catch {
    return undefined;
  }
}

function namesIn(groups: Record<string, string>): Record<string, string> | undefined {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]));
  } catch {
    return undefined;
  }
}
