/** What the API and the metrics page tell of edges, made of what the desk has heard. */
import type { Edge, EdgeSource, EdgeWay, MetricsSample } from '@horizon-atlas/control';
import type { EdgeSession } from '@horizon-atlas/protocol';
import type { EdgeDesk, EdgeView } from './edge-desk.ts';

export function edgeSource(desk: () => EdgeDesk | undefined): EdgeSource {
  const edges = (): readonly EdgeView[] => desk()?.edges ?? [];
  return {
    edges: () => edges().map(edgeOf),
    sessions: () => edges().flatMap((edge) => waysOf(edge, (session) => desk()?.movable(session) ?? false)),
    end(session) {
      const ended = desk()?.endSession(Number(session));
      return ended ? { ok: true } : { ok: false, code: 'NOT_FOUND', message: `there is no way ${session} through an edge` };
    },
    async move(session, wish) {
      const here = desk();
      if (here) return here.move(Number(session), wish);
      return { ok: false, code: 'NOT_FOUND', message: 'no port of a fleet is public, so there is no edge' };
    },
    waysTo(server, player) {
      const here = desk();
      if (here?.knows(server)) return { ok: true, ways: here.waysTo(server, player) };
      return { ok: false, code: 'NOT_FOUND', message: `there is no game server ${JSON.stringify(server)} with public ports` };
    },
  };
}

function edgeOf({ id, pid, listeners, stats }: EdgeView): Edge {
  return {
    id,
    pid,
    ports: listeners.map(({ listener, port, code, message }) => ({ name: listener, port, code, message })),
    sessions: stats?.sessionsNow ?? 0,
    held: stats?.heldNow ?? 0,
    unproven: stats?.unprovenNow ?? 0,
    datagramsIn: stats?.datagramsIn ?? 0,
    datagramsOut: stats?.datagramsOut ?? 0,
    bytesIn: stats?.bytesIn ?? 0,
    bytesOut: stats?.bytesOut ?? 0,
    dropped: Object.fromEntries((stats?.dropped ?? []).map(({ why, count }) => [why, count])),
    cpuS: stats?.cpuS ?? null,
    memoryBytes: stats?.memoryBytes ?? null,
  };
}

function waysOf({ id: edge, sessions }: EdgeView, movable: (session: EdgeSession) => boolean): EdgeWay[] {
  return sessions.map((way) => {
    const { session, listener, protocol, server, player, peer, seenAs, state, sinceMs } = way;
    const told = { protocol, server, player, peer, seenAs, state, sinceMs };
    return { id: String(session), edge, port: listener, ...told, movable: movable(way) };
  });
}

export function edgeMetrics(edges: readonly EdgeView[]): MetricsSample[] {
  return edges.flatMap(({ stats }, i): MetricsSample[] => {
    if (!stats) return [];
    const edge = String(i);
    const counter = (name: string, value: number, labels: Record<string, string> = {}): MetricsSample => ({
      kind: 'counter',
      name,
      labels: { edge, ...labels },
      value,
    });
    const sessions = (state: string, value: number): MetricsSample => ({
      kind: 'gauge',
      name: 'atlas_edge_sessions',
      labels: { edge, state },
      value,
    });
    return [
      sessions('open', stats.sessionsNow - stats.heldNow),
      sessions('held', stats.heldNow),
      sessions('unproven', stats.unprovenNow),
      counter('atlas_edge_sessions_total', stats.sessionsTotal),
      counter('atlas_edge_datagrams_total', stats.datagramsIn, { direction: 'in' }),
      counter('atlas_edge_datagrams_total', stats.datagramsOut, { direction: 'out' }),
      counter('atlas_edge_bytes_total', stats.bytesIn, { direction: 'in' }),
      counter('atlas_edge_bytes_total', stats.bytesOut, { direction: 'out' }),
      ...stats.dropped.map(({ why, count }) => counter('atlas_edge_dropped_total', count, { reason: why })),
    ];
  });
}
