/** What a load test found, as JSON and for people alike. */
import type { Summary } from './distribution.ts';
import type { LoadtestSettings } from './settings.ts';
import { type FigureName, figureNames, type Tally } from './tally.ts';

export interface LoadtestReport {
  readonly script: string;
  readonly urls: readonly string[];
  /** False: not every player joined. Then there are no figures. */
  readonly complete: boolean;
  readonly players: {
    readonly wanted: number;
    readonly joined: number;
    readonly online: number;
    /** Those who did not get in, by code. */
    readonly refused: Readonly<Record<string, number>>;
    /** Those who were sent away for good, by code. */
    readonly closed: Readonly<Record<string, number>>;
    /** Connections that were lost and made anew. */
    readonly reconnects: number;
  };
  /** How long figures were taken, seconds. */
  readonly measuredS: number;
  /** Milliseconds; null where the test is not complete. */
  readonly figures: Readonly<Record<FigureName, Summary>> | null;
  readonly crossings: number;
  readonly commands: { readonly sent: number; readonly applied: number; readonly lost: number; readonly doubled: number };
  /** Of the messages, without TLS and TCP. */
  readonly perS: {
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly messagesIn: number;
    readonly messagesOut: number;
  };
  /** Scenarios that threw, and the first of what they threw. */
  readonly failures: { readonly count: number; readonly first: string };
  /** What the script counted and sampled itself. */
  readonly counts: Readonly<Record<string, number>>;
  readonly samples: Readonly<Record<string, Summary>>;
}

export function reportOf(settings: LoadtestSettings, tally: Tally, measuredS: number): LoadtestReport {
  const { counts } = tally;
  const rate = (n: number) => (measuredS > 0 ? n / measuredS : 0);
  const complete = counts.joined === settings.players;
  return {
    script: settings.script,
    urls: settings.urls,
    complete,
    players: {
      wanted: settings.players,
      joined: counts.joined,
      online: counts.online,
      refused: Object.fromEntries(tally.refused),
      closed: Object.fromEntries(tally.closedBy),
      reconnects: counts.reconnects,
    },
    measuredS,
    figures: complete
      ? (Object.fromEntries(figureNames.map((name) => [name, tally.figures[name].summary])) as Record<FigureName, Summary>)
      : null,
    crossings: counts.crossings,
    commands: { sent: counts.commandsSent, applied: counts.commandsApplied, lost: counts.lost, doubled: counts.doubled },
    perS: {
      bytesIn: rate(counts.bytesIn),
      bytesOut: rate(counts.bytesOut),
      messagesIn: rate(counts.messagesIn),
      messagesOut: rate(counts.messagesOut),
    },
    failures: { count: counts.failures, first: tally.failure },
    counts: Object.fromEntries(tally.customCounts),
    samples: Object.fromEntries([...tally.customSamples].map(([name, each]) => [name, each.summary])),
  };
}
