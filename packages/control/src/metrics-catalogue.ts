/**
 * Every figure of the metrics page: what it says, of which kind it is, and what its labels mean. The page's HELP lines, the reference
 * (docs/reference/metrics.md) and the test that holds a running Atlas against both are made of this.
 */

export interface MetricEntry {
  readonly kind: 'counter' | 'gauge' | 'summary';
  readonly help: string;
  /** Name to what its values are. A summary has `quantile` besides. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Seen only once something has happened that not every Atlas sees. */
  readonly rare?: true;
}

const region = { region: 'id of the region' } as const;
const gateway = { gateway: 'number of the gateway, from 0' } as const;
const edge = { edge: 'number of the edge, from 0' } as const;
const predictor = { predictor: '`kinematic`: from motion; `markov`: from what players did before' } as const;
const post = { role: '`server` or `gateway`', post: 'its place: the region, a spare, or the number of the gateway' } as const;

export const metricsCatalogue = {
  atlas_build_info: { kind: 'gauge', help: 'The release that runs, as a label; always 1.', labels: { version: 'the release' } },
  atlas_uptime_seconds: { kind: 'gauge', help: 'Time since this control plane started.' },
  atlas_disk_free_bytes: {
    kind: 'gauge',
    help: 'What may still be written where the world is kept, looked at every ten seconds.',
  },
  atlas_players_online: { kind: 'gauge', help: 'Players with a session at a gateway.' },

  atlas_regions: { kind: 'gauge', help: 'Regions of the world by state.', labels: { state: '`asleep`, `starting`, `active`' } },
  atlas_region_players: { kind: 'gauge', help: 'Players in a region.', labels: region },
  atlas_region_entities: { kind: 'gauge', help: 'Entities that a region simulates.', labels: region },
  atlas_region_shadows: { kind: 'gauge', help: 'Read-only copies of the entities of neighbours.', labels: region },
  atlas_region_tick_hz: { kind: 'gauge', help: 'Ticks a second that a region really runs.', labels: region },
  atlas_region_tick_work_p90_seconds: {
    kind: 'gauge',
    help: 'Work of a tick over the last second, 90th percentile.',
    labels: region,
  },
  atlas_region_tick_work_max_seconds: { kind: 'gauge', help: 'Work of the longest tick of the last second.', labels: region },

  atlas_handoffs_total: { kind: 'counter', help: 'Crossings of a border for which a group was frozen.' },
  atlas_handoffs_failed_total: {
    kind: 'counter',
    help: 'Handoffs that ended neither at the target nor at the source: a recovery took over.',
  },
  atlas_handoffs_rolled_back_total: { kind: 'counter', help: 'Handoffs after which the source went on.' },
  atlas_handoffs_lost_total: { kind: 'counter', help: 'Groups that ended up nowhere: anything but 0 is a bug.' },
  atlas_handoffs_under_way: { kind: 'gauge', help: 'Groups that approach a border or cross it now.' },
  atlas_handoffs_warm_ratio: {
    kind: 'gauge',
    help: 'Share of handoffs whose copy was in place in time, 0 to 1.',
    rare: true,
  },
  atlas_handoff_frozen_seconds: {
    kind: 'summary',
    help: 'From the freeze of a group at its source to its activation at the target.',
    rare: true,
  },
  atlas_handoff_gap_seconds: {
    kind: 'gauge',
    help: 'Largest distance between two frames of one session around a switch: what players see of it.',
    labels: { percentile: '`0.5`, `0.99` and `1` of the latest' },
    rare: true,
  },
  atlas_predictions_total: { kind: 'counter', help: 'Crossings that a predictor foretold.', labels: predictor },
  atlas_predictions_right_total: { kind: 'counter', help: 'Of those, the ones that came about.', labels: predictor },
  atlas_recoveries_total: { kind: 'counter', help: 'Regions taken from a dead server and given to another.' },
  atlas_stale_messages_total: { kind: 'counter', help: 'Words of game servers that were out of date or not theirs to say.' },

  atlas_gateway_connections: { kind: 'gauge', help: 'Open client connections of a gateway.', labels: gateway },
  atlas_gateway_sessions: {
    kind: 'gauge',
    help: 'Sessions that a gateway knows, those waiting to be resumed included.',
    labels: gateway,
  },
  atlas_gateway_held_commands: {
    kind: 'gauge',
    help: 'Commands kept until they are covered by something durable.',
    labels: gateway,
  },
  atlas_gateway_messages_total: {
    kind: 'counter',
    help: 'Messages of clients, and to them.',
    labels: { ...gateway, direction: '`in` or `out`' },
  },
  atlas_gateway_bytes_total: {
    kind: 'counter',
    help: 'Bytes of those messages.',
    labels: { ...gateway, direction: '`in` or `out`' },
  },
  atlas_gateway_fenced_total: {
    kind: 'counter',
    help: 'Frames dropped because a former owner said them too late.',
    labels: gateway,
  },
  atlas_gateway_refusals_total: {
    kind: 'counter',
    help: 'Connections that a gateway refused or closed.',
    labels: { ...gateway, code: 'why, as in [Error codes](errors.md)' },
    rare: true,
  },
  atlas_connections_closed_total: {
    kind: 'counter',
    help: 'Client connections with a session that ended, by code.',
    labels: { code: 'why, as in [Error codes](errors.md); `NONE`: the client went' },
    rare: true,
  },

  atlas_server_up: { kind: 'gauge', help: 'Whether a process of the fleet is ready: 1 or 0.', labels: post },
  atlas_server_starts_total: {
    kind: 'counter',
    help: 'Processes that the fleet has started.',
    labels: { role: '`server` or `gateway`' },
  },
  atlas_server_failures_total: {
    kind: 'counter',
    help: 'Processes that ended unasked or did not start.',
    labels: { role: '`server` or `gateway`', code: 'why, as in [Error codes](errors.md)' },
    rare: true,
  },
  atlas_server_cpu_seconds: { kind: 'gauge', help: 'CPU time of a process of the fleet since its start.', labels: post },
  atlas_server_memory_bytes: { kind: 'gauge', help: 'Resident memory of a process of the fleet.', labels: post },
  atlas_fleet_store_refused_total: {
    kind: 'counter',
    help: 'Writes of the fleet that the store refused, to be tried again.',
    labels: { code: 'why' },
    rare: true,
  },

  atlas_store_transactions_total: { kind: 'counter', help: 'Transactions that were written down.' },
  atlas_store_commit_seconds: { kind: 'summary', help: 'Time of a write to the disk; several transactions share one.' },
  atlas_store_failures_total: {
    kind: 'counter',
    help: 'Writes that the disk or the database refused.',
    labels: { kind: 'what was wrong, such as `full`' },
    rare: true,
  },
  atlas_edge_sessions: {
    kind: 'gauge',
    help: 'Players’ ways through an edge: `open`, `held` for a server that wakes, and those whose peer has proved nothing yet (`unproven`, counted among the others).',
    labels: { ...edge, state: '`open`, `held`, `unproven`' },
    rare: true,
  },
  atlas_edge_sessions_total: { kind: 'counter', help: 'Players’ ways that an edge has opened.', labels: edge, rare: true },
  atlas_edge_datagrams_total: {
    kind: 'counter',
    help: 'UDP datagrams of players at an edge.',
    labels: { ...edge, direction: '`in` or `out`' },
    rare: true,
  },
  atlas_edge_bytes_total: {
    kind: 'counter',
    help: 'Bytes of players at an edge, UDP and TCP.',
    labels: { ...edge, direction: '`in` or `out`' },
    rare: true,
  },
  atlas_edge_dropped_total: {
    kind: 'counter',
    help: 'Datagrams and connections that an edge dropped or refused.',
    labels: { ...edge, reason: 'why, as in [Edges](../guides/edges.md#what-is-dropped)' },
    rare: true,
  },
  atlas_links_opened_total: { kind: 'counter', help: 'Links of gateways and game servers to the control plane that came about.' },
  atlas_links_closed_total: { kind: 'counter', help: 'Of those, the ones that ended.', labels: { code: 'why' }, rare: true },
  atlas_bus_dropped_total: {
    kind: 'counter',
    help: 'Notices within the control plane that were dropped, being too many.',
    rare: true,
  },
  atlas_scaling_decisions_total: {
    kind: 'counter',
    help: 'Changes of a fleet’s size by its policy.',
    labels: { fleet: 'name of the fleet', way: '`up` or `down`' },
    rare: true,
  },
  atlas_scaling_webhook_failures_total: {
    kind: 'counter',
    help: 'Asks of a scaling webhook without a good answer; the last good one holds.',
    labels: { fleet: 'name of the fleet', code: '`WEBHOOK_TIMEOUT`, `WEBHOOK_FAILED`, `WEBHOOK_INVALID`' },
    rare: true,
  },
  atlas_agones_doors: { kind: 'gauge', help: 'Game servers that may speak Agones’ SDK.', rare: true },
  atlas_server_logs_cut_total: { kind: 'counter', help: 'Logs that were cut back to their newer half.', rare: true },

  atlas_ledger_transfers_total: {
    kind: 'counter',
    help: 'Transfers of items and money by their outcome.',
    labels: { code: '`OK`, or why not' },
    rare: true,
  },
  atlas_ledger_conflicts_total: { kind: 'counter', help: 'Transfers that were tried again because of another one.', rare: true },

  atlas_spans_total: {
    kind: 'counter',
    help: 'Spans of sampled traces by what became of them at the collector.',
    labels: { outcome: '`sent` or `failed`' },
    rare: true,
  },
  atlas_probe_dropped_total: { kind: 'counter', help: 'Series that were dropped because there are too many.', rare: true },
  atlas_process_cpu_seconds_total: { kind: 'counter', help: 'CPU time of the control plane.' },
  atlas_process_resident_memory_bytes: { kind: 'gauge', help: 'Resident memory of the control plane.' },
} as const satisfies Readonly<Record<string, MetricEntry>>;

export type MetricName = keyof typeof metricsCatalogue;
