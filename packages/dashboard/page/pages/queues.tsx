/** Queues of the matchmaker: who waits, how long, looser rules, and why nobody is matched. */
import type { Queue, Ticket } from '@horizon-atlas/sdk-admin';
import { useMemo } from 'preact/hooks';
import { duration, plural, roughly, short, whole } from '../format.ts';
import { Empty, Fact, Facts, Head, Name, State, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Icon } from '../parts/icons.tsx';
import { Plot } from '../parts/plot.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useAsked } from '../parts/use-list.ts';
import { href } from '../route.ts';
import { admin } from '../store/atlas.ts';
import { queueFigures, queues } from '../store/play.ts';

export function QueuesPage() {
  const list = queues.value;
  const waiting = list?.reduce((sum, { players }) => sum + players, 0) ?? 0;
  return (
    <div class="page">
      <Head title="Queues" aside={list && list.length > 0 && `${plural(waiting, 'player')} waiting`} />
      {list === undefined && <Waiting label="Queues are on their way" />}
      {list?.length === 0 && (
        <Empty icon="queues" title="This Atlas has no queues">
          They are declared in the configuration, under <code>matchmaking</code>.
        </Empty>
      )}
      <ul class="cards">
        {(list ?? []).map((queue) => (
          <QueueCard queue={queue} key={queue.name} />
        ))}
      </ul>
    </div>
  );
}

function QueueCard({ queue }: { queue: Queue }) {
  const { name, fleet, tickets, players, expanding, estimatedWaitMs, oldestMs, matches, why } = queue;
  return (
    <li class="panel card">
      <header class="panel-head">
        <h2>
          <a href={href('queues', name)}>{name}</a>
        </h2>
        <a class="quiet" href={href('fleets', fleet)}>
          on {fleet}
        </a>
      </header>
      <dl class="card-figures">
        <Figure label="waiting" value={short(players)} more={players === tickets ? '' : plural(tickets, 'ticket')} />
        <Figure label="expanding" value={short(expanding)} more={tickets > 0 ? `of ${plural(tickets, 'ticket')}` : ''} />
        <Figure label="estimated wait" value={roughly(estimatedWaitMs)} more="" />
        <Figure label="longest wait" value={roughly(oldestMs)} more="" />
        <Figure label="matches" value={short(matches.active)} more={formingText(matches)} />
      </dl>
      <p class={`card-why ${why === '' ? 'quiet' : ''}`}>{why === '' ? 'Nobody waits.' : why}</p>
    </li>
  );
}

export function Figure({ label, value, more }: { label: string; value: string; more: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {value} {more !== '' && <span class="quiet">{more}</span>}
      </dd>
    </div>
  );
}

function formingText({ accepting, placing }: Queue['matches']): string {
  return [accepting > 0 ? `${whole(accepting)} asked` : '', placing > 0 ? `${whole(placing)} want a server` : '']
    .filter((text) => text !== '')
    .join(', ');
}

export function QueuePage({ name }: { name: string }) {
  const queue = queues.value?.find((each) => each.name === name);
  const back = { href: href('queues'), label: 'All queues' };
  if (!queue)
    return (
      <div class="page">
        <Head title={name} back={back} />
        {queues.value === undefined ? (
          <Waiting label="The queue is on its way" />
        ) : (
          <Empty icon="queues" title={`No queue is called ${name}`}>
            <a href={href('queues')}>All queues</a>
          </Empty>
        )}
      </div>
    );
  return (
    <div class="page">
      <Head title={queue.name} aside={<a href={href('matches', '', { queue: name })}>its matches</a>} back={back} />
      {queue.why !== '' && (
        <p class="notice">
          <Icon name="queues" /> <span>{queue.why}</span>
        </p>
      )}
      <QueueFacts queue={queue} />
      <QueuePlots queue={queue} />
      <Tickets queue={name} />
    </div>
  );
}

function QueueFacts({ queue }: { queue: Queue }) {
  const { tickets, players, expanding, oldestMs, estimatedWaitMs, matches, matchesFormed, ticketsMatched, fleet } = queue;
  return (
    <Facts>
      <Fact label="Waiting">
        {plural(players, 'player')} <span class="quiet">{plural(tickets, 'ticket')}</span>
      </Fact>
      <Fact label="Expanding">
        {plural(expanding, 'ticket')} <span class="quiet">whose rules have loosened</span>
      </Fact>
      <Fact label="Estimated wait">
        {duration(estimatedWaitMs)}{' '}
        <span class="quiet">{estimatedWaitMs === null ? 'nobody was matched lately' : 'for half'}</span>
      </Fact>
      <Fact label="Longest wait">{duration(oldestMs)}</Fact>
      <Fact label="Matches">
        {whole(matches.active)}{' '}
        <span class="quiet">{matches.open > 0 ? `${whole(matches.open)} with free places` : 'under way'}</span>
      </Fact>
      <Fact label="Forming">
        {whole(matches.accepting + matches.placing)} <span class="quiet">{formingText(matches)}</span>
      </Fact>
      <Fact label="Since the start">
        {plural(matchesFormed, 'match', 'matches')} <span class="quiet">of {plural(ticketsMatched, 'ticket')}</span>
      </Fact>
      <Fact label="Fleet">
        <a href={href('fleets', fleet)}>{fleet}</a>
      </Fact>
    </Facts>
  );
}

const playersLines = [
  { label: 'waiting', colour: '--accent', fills: true },
  { label: 'expanding', colour: '--amber' },
];
const waitLines = [
  { label: 'longest', colour: '--amber' },
  { label: 'estimate', colour: '--teal', fills: true },
];

function QueuePlots({ queue }: { queue: Queue }) {
  // The ring is filled whenever the list is new
  const [waiting, wait] = useMemo(() => {
    const list = queueFigures.of(queue.name);
    const at = list.map((each) => each.atMs / 1000);
    return [
      [at, list.map((each) => each.tickets), list.map((each) => each.expanding)],
      [at, list.map((each) => each.oldestMs), list.map((each) => each.estimatedWaitMs)],
    ] as const;
  }, [queue]);
  return (
    <div class="plots two">
      <PlotPanel title="Tickets" now={whole(queue.tickets)}>
        <Plot label="Tickets" lines={playersLines} data={waiting} show={whole} least={4} height={130} legend />
      </PlotPanel>
      <PlotPanel title="Wait" now={duration(queue.estimatedWaitMs)}>
        <Plot label="Wait" lines={waitLines} data={wait} show={duration} least={5000} height={130} legend />
      </PlotPanel>
    </div>
  );
}

export function PlotPanel({ title, now, children }: { title: string; now: string; children: preact.ComponentChildren }) {
  return (
    <section class="panel plot-panel" aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        <span class="plot-now">{now}</span>
      </header>
      {children}
    </section>
  );
}

const ticketsMost = 100;
const columns: readonly Column<Ticket>[] = [
  {
    name: 'Ticket',
    leads: true,
    cell: (row) => <a href={href('tickets', row.id)}>{row.id}</a>,
  },
  { name: 'State', cell: (row) => <State state={row.status} /> },
  {
    name: 'Players',
    cell: (row) => <PlayerNames players={row.players} />,
  },
  { name: 'Priority', figure: true, cell: (row) => whole(row.priority) },
  { name: 'Waits', figure: true, cell: (row) => duration(nowMs.value - row.createdAtMs) },
  { name: 'Estimate', figure: true, cell: (row) => duration(row.estimatedWaitMs) },
];

export function PlayerNames({ players, most = 3 }: { players: readonly string[]; most?: number }) {
  return (
    <span>
      {players.slice(0, most).map((player, i) => (
        <span key={player}>
          {i > 0 && ', '}
          <Name name={player} most={24} />
        </span>
      ))}
      {players.length > most && <span class="quiet"> and {whole(players.length - most)} more</span>}
    </span>
  );
}

/** Those who wait, the one who came first on top. */
function Tickets({ queue }: { queue: string }) {
  const [asked] = useAsked(() => admin.matchmaking.tickets({ queue, limit: 500 }), 2000);
  const waiting =
    asked.state === 'here'
      ? asked.value.items.filter(({ status }) => !over.has(status)).sort((a, b) => a.createdAtMs - b.createdAtMs)
      : [];
  return (
    <section class="panel" aria-label="Tickets">
      <header class="panel-head">
        <h2>Tickets</h2>
        <span class="quiet">
          {waiting.length > ticketsMost ? `the ${ticketsMost} that wait longest` : asked.state === 'here' && 'longest wait first'}
        </span>
      </header>
      {asked.state === 'waiting' && <Waiting label="Tickets are on their way" rows={3} />}
      {asked.state === 'refused' && (
        <Empty icon="warn" title={asked.error.message}>
          <code>{asked.error.code}</code>
        </Empty>
      )}
      {asked.state === 'here' && waiting.length === 0 && <Empty icon="queues" title="Nobody waits" />}
      {waiting.length > 0 && (
        <Table label="Tickets" columns={columns} rows={waiting.slice(0, ticketsMost)} keyOf={(row) => row.id} />
      )}
    </section>
  );
}

export const over: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT']);
