/**
 * Every kind of query under one name: `bzflag`, `luanti` and the like are probes of our own, `gamedig:openttd` is what gamedig calls openttd, and
 * `file:/path/probe.ts` is somebody's own module, whose default export is asked. gamedig is loaded by the first question for it.
 */
/// <reference path="./gamedig.d.ts" />
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Queries, QueryAnswer, QueryTarget } from '@horizon-atlas/ports';
import { askBzflag } from './bzflag.ts';
import { askLuanti } from './luanti.ts';
import { askTcp } from './tcp.ts';

export type ProbeFunction = (target: QueryTarget) => Promise<QueryAnswer>;

const own: Readonly<Record<string, ProbeFunction>> = { bzflag: askBzflag, luanti: askLuanti, tcp: askTcp };

export function makeQueries(): Queries {
  const plugins = new Map<string, Promise<ProbeFunction>>();
  return {
    async knows(kind) {
      if (kind.startsWith('file:')) return existsSync(pathOf(kind));
      return (
        kind in own ||
        (kind.startsWith('gamedig:') && (/^gamedig:protocol-\w+$/.test(kind) || (await gamedigKinds()).includes(kind)))
      );
    },
    kinds: async () => [...Object.keys(own), ...(await gamedigKinds())],
    ask(kind, target) {
      const probe = own[kind];
      if (probe) return probe(target);
      if (kind.startsWith('gamedig:')) return askGamedig(kind.slice('gamedig:'.length), target);
      if (kind.startsWith('file:')) return askPlugin(plugins, kind, target);
      return Promise.reject(new Error(`there is no query of the kind ${kind}`));
    },
  };
}

async function gamedigKinds(): Promise<string[]> {
  const { games } = await import('gamedig');
  return Object.keys(games).map((kind) => `gamedig:${kind}`);
}

async function askGamedig(type: string, { host, port, timeoutMs }: QueryTarget): Promise<QueryAnswer> {
  const { GameDig } = await import('gamedig');
  const found = await GameDig.query({
    type,
    host,
    port,
    maxRetries: 1,
    socketTimeout: timeoutMs,
    attemptTimeout: timeoutMs,
    givenPortOnly: true,
    portCache: false,
  });
  const names = found.players.map(({ name }) => name ?? '').filter((name) => name !== '');
  const players = found.numplayers ?? found.players.length;
  return { players, capacity: found.maxplayers, names: names.length === players ? names : undefined };
}

async function askPlugin(plugins: Map<string, Promise<ProbeFunction>>, kind: string, target: QueryTarget): Promise<QueryAnswer> {
  let loading = plugins.get(kind);
  if (!loading) {
    loading = loadPlugin(pathOf(kind));
    plugins.set(kind, loading);
  }
  const probe = await loading;
  let cancel: NodeJS.Timeout | undefined;
  // Whoever wrote it may have forgotten about time.
  const late = new Promise<never>((_, reject) => {
    cancel = setTimeout(() => reject(new Error(`no answer within ${target.timeoutMs} ms`)), target.timeoutMs);
  });
  return Promise.race([probe(target), late]).finally(() => clearTimeout(cancel));
}

async function loadPlugin(path: string): Promise<ProbeFunction> {
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  if (typeof module.default !== 'function') throw new Error(`${path} does not export a function by default`);
  return module.default as ProbeFunction;
}

function pathOf(kind: string): string {
  return kind.startsWith('file://') ? fileURLToPath(kind) : kind.slice('file:'.length);
}
