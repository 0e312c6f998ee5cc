/**
 * Playing in the browser: Atlas is the login server, which it may be only for those who sit at this machine, and serves the game's web client.
 * Everything here answers PLAY_UNAVAILABLE, and says what to change, where that is not so.
 */
import type { PlaySource, Status } from '@horizon-atlas/control';
import { isLoopback } from '@horizon-atlas/gateway/configuration';
import type { Entropy, Probe } from '@horizon-atlas/ports';
import { limits } from '@horizon-atlas/protocol';
import { makeWebClient, type WebClient, type WebNews } from '@horizon-atlas/web';
import type { AtlasConfig } from './config.ts';
import { plainRefusal, plainUrls } from './plain-listener.ts';

export const policy = {
  /** A page asks anew before it connects again; a session outlives its token. */
  tokenS: 300,
} as const;

export interface PlayDeps {
  readonly entropy: Entropy;
  readonly probe: Probe;
  /** Of the development issuer; empty before it is read. */
  devSecret(): string;
  gateways(): Status['gateways'];
}

export interface Play extends PlaySource {
  close(): Promise<void>;
}

export function makePlay(config: AtlasConfig, deps: PlayDeps): Play {
  const { probe } = deps;
  const title = config.name ?? 'Horizon Atlas';
  const refusal = refusalOf(config);
  const clients = new Map<string, WebClient>();
  /** The page of this name, or the world's own. Made when it is first asked for. */
  const webClient = (name: string): WebClient => {
    const source = name === '' ? config.web : config.pages.find((page) => page.name === name)?.web;
    const client =
      clients.get(name) ?? makeWebClient({ source: source ?? { kind: 'generic' }, title, onNews: (news) => tell(probe, news) });
    clients.set(name, client);
    return client;
  };
  const pages = config.pages.map(({ name }) => name);
  const isWorldPlayed = config.world.regions.length > 0 || config.web !== undefined;
  const names = refusal === undefined ? [...(isWorldPlayed ? [''] : []), ...pages] : [];
  return {
    pages,
    offered: names.map((name) => ({ name, path: name === '' ? '/play/' : `/play/${name}/` })),
    connectSources: refusal === undefined ? [...gatewayUrls(config), ...matchUrls(config)] : [],
    async ticket({ name, player }) {
      if (refusal !== undefined) return refusal;
      const plain = 'off' in config.gateway.tls ? ('url' as const) : ('plainUrl' as const);
      const ready = deps.gateways().filter((gateway) => gateway.state === 'ready' && gateway[plain] !== '');
      const [best] = ready.sort((a, b) => a.connections - b.connections);
      // Without a world there is no gateway: whoever plays a match is told where when there is one.
      if (best === undefined && config.gateway.count > 0)
        return { ok: false, code: 'NOT_READY', message: 'no gateway is up; try again in a moment' };
      const who = player ?? `play-${deps.entropy.id('p').slice(2).toLowerCase()}`;
      const shown = name?.trim() ?? `Player ${who.slice(-4).toUpperCase()}`;
      if (!isName(shown)) {
        const message = `name: expected 1 to ${limits.nameBytes} bytes of text without control characters`;
        return { ok: false, code: 'REQUEST_INVALID', message };
      }
      const { issueDevToken } = await import('@horizon-atlas/gateway/tokens');
      const token = await issueDevToken({ secret: deps.devSecret(), player: who, name: shown, validS: policy.tokenS });
      return { ok: true, ticket: { url: best?.[plain] ?? '', token, validS: policy.tokenS, player: who, name: shown } };
    },
    async page(path) {
      if (refusal !== undefined) return refusal;
      const name = pages.find((each) => path.startsWith(`${each}/`)) ?? '';
      const answer = await webClient(name).ask(name === '' ? path : path.slice(name.length + 1));
      return answer.kind === 'file' ? { ok: true, file: answer } : { ok: false, code: 'NOT_FOUND', message: answer.message };
    },
    close: async () => void (await Promise.all([...clients.values()].map((client) => client.close()))),
  };
}

/** Every gateway that a page might be sent to. */
function gatewayUrls({ gateway }: AtlasConfig): string[] {
  const plain = plainUrls(gateway);
  if (plain.length > 0) return plain;
  // A port that is picked when it is listened on is not known here.
  const port = (i: number) => (gateway.port === 0 ? '*' : gateway.port + i);
  return Array.from({ length: gateway.count }, (_, i) => `ws://${gateway.listen}:${port(i)}`);
}

/** Game servers of fleets that speak WebSocket: their ports are found when they start. */
function matchUrls({ fleets }: AtlasConfig): string[] {
  const hosts = fleets.filter(({ ports }) => ports.some(({ protocol }) => protocol === 'ws')).map(({ host }) => host);
  return [...new Set(hosts)].map((host) => `ws://${host.includes(':') ? `[${host}]` : host}:*`);
}

function refusalOf({ gateway, api }: AtlasConfig) {
  const refuse = (message: string) => ({ ok: false, code: 'PLAY_UNAVAILABLE', message }) as const;
  if (!('dev' in gateway.auth)) {
    return refuse('players’ tokens come from your own login server here: Play needs gateway.auth: { dev: true }');
  }
  if (!isLoopback(api.host)) {
    return refuse(
      `the API listens on ${api.host}, and Play hands tokens to whoever opens its page: it needs api.host: '127.0.0.1'`,
    );
  }
  // Without a world there are no gateways that would have to let pages in.
  if (gateway.count === 0) return undefined;
  if (gateway.plain === false) return refuse('gateway.plain is false: take it out, so that this machine’s pages may connect');
  if ('off' in gateway.tls && isLoopback(gateway.listen)) return undefined;
  const why = plainRefusal(gateway);
  if (why !== undefined) return refuse(`${why}: Play needs gateway.tls: { dev: true } and gateway.listen: '127.0.0.1'`);
  if (plainUrls(gateway).length === 0) return refuse('gateway.port is 0: set it, or gateway.plain.port');
  return undefined;
}

function isName(text: string): boolean {
  return text !== '' && !/\p{Cc}/u.test(text) && new TextEncoder().encode(text).length <= limits.nameBytes;
}

function tell(probe: Probe, news: WebNews): void {
  if (news.kind === 'built') probe.event('web_built', { entry: news.entry, bytes: news.bytes, ms: news.ms });
  else probe.event('web_build_failed', { entry: news.entry, error: news.text });
}
