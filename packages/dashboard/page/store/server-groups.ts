/** The fourteen states of a game server as the six things that somebody who looks at a fleet asks for: what a bar and a plot show. */
export interface ServerGroup {
  readonly id: 'inUse' | 'ready' | 'coming' | 'leaving' | 'sleeping' | 'trouble';
  /** Of the history. */
  readonly series: string;
  readonly label: string;
  /** A CSS variable of the page. */
  readonly colour: string;
  readonly states: readonly string[];
}

/** From below upwards, as they are stacked. */
export const serverGroups: readonly ServerGroup[] = [
  {
    id: 'inUse',
    series: 'serversInUse',
    label: 'in use',
    colour: '--accent',
    states: ['Reserved', 'Allocated', 'Activating', 'Active'],
  },
  { id: 'ready', series: 'serversReady', label: 'ready', colour: '--teal', states: ['Ready'] },
  { id: 'coming', series: 'serversComing', label: 'starting', colour: '--amber', states: ['Scheduled', 'Starting', 'Warming'] },
  {
    id: 'leaving',
    series: 'serversLeaving',
    label: 'leaving',
    colour: '--violet',
    states: ['Draining', 'Maintaining', 'Shutdown'],
  },
  { id: 'sleeping', series: 'serversAsleep', label: 'asleep', colour: '--line-strong', states: ['Sleeping'] },
  { id: 'trouble', series: 'serversInTrouble', label: 'in trouble', colour: '--bad', states: ['Unhealthy', 'Error'] },
];

/** How many are in each group, in the order of `serverGroups`. */
export function grouped(states: Readonly<Partial<Record<string, number>>>): readonly number[] {
  return serverGroups.map((group) => group.states.reduce((sum, state) => sum + (states[state] ?? 0), 0));
}

/** Rows one upon the other: what a plot of filled lines draws, the topmost first. */
export function stacked(rows: readonly (readonly (number | null)[])[]): readonly (readonly (number | null)[])[] {
  const sums: (number | null)[][] = [];
  for (const row of rows) {
    const below = sums.at(-1);
    sums.push(row.map((value, i) => (value === null ? null : value + (below?.[i] ?? 0))));
  }
  return sums.reverse();
}
