/** One ticket: why it waits, in words and in numbers, or what became of it. */
import type { TicketExplanation } from '@horizon-atlas/sdk-admin';
import { clock, date, duration, ms, plural, whole } from '../format.ts';
import { ask, mayOperate } from '../parts/act.tsx';
import { Empty, Fact, Facts, Head, Meter, Name, State, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Icon } from '../parts/icons.tsx';
import { useAsked } from '../parts/use-list.ts';
import { href } from '../route.ts';
import { admin } from '../store/atlas.ts';
import { over } from './queues.tsx';

export function TicketPage({ id }: { id: string }) {
  const [asked, again] = useAsked(() => admin.matchmaking.explain(id), 1500);
  const queue = asked.state === 'here' ? asked.value.ticket.queue : '';
  const back = { href: queue ? href('queues', queue) : href('queues'), label: queue ? `Queue ${queue}` : 'All queues' };
  if (asked.state !== 'here')
    return (
      <div class="page">
        <Head title={id} back={back} />
        {asked.state === 'waiting' ? (
          <Waiting label="The ticket is on its way" />
        ) : (
          <Empty icon="warn" title={asked.error.message}>
            Tickets that were over some minutes ago are forgotten. <code>{asked.error.code}</code>
          </Empty>
        )}
      </div>
    );
  const { ticket, text, waiting } = asked.value;
  const isOver = over.has(ticket.status);
  return (
    <div class="page">
      <Head title={ticket.id} aside={<State state={ticket.status} />} back={back}>
        <div class="buttons">
          {ticket.match !== '' && (
            <a class="button" href={href('matches', ticket.match)}>
              <Icon name="matches" /> Its match
            </a>
          )}
          {!isOver && mayOperate() && (
            <button type="button" class="button danger-quiet" onClick={() => askCancel(ticket.id, ticket.players.length, again)}>
              <Icon name="close" /> Cancel
            </button>
          )}
        </div>
      </Head>
      <p class={`notice ${ticket.status === 'FAILED' || ticket.status === 'TIMED_OUT' ? 'bad' : ''}`}>
        <Icon name={isOver ? 'leave' : 'queues'} />
        <span>
          <bdi>{text}</bdi> {ticket.code !== '' && <code>{ticket.code}</code>}
        </span>
      </p>
      <TicketFacts told={asked.value} />
      <div class="columns even">
        {waiting && <Apart waiting={waiting} />}
        <Players told={asked.value} />
      </div>
    </div>
  );
}

function askCancel(id: string, players: number, again: () => void): void {
  ask({
    title: `Cancel ticket ${id}?`,
    verb: 'Cancel ticket',
    danger: true,
    effects: [`${plural(players, 'player')} no longer ${players === 1 ? 'waits' : 'wait'}, and must queue again to play.`],
    done: `Ticket ${id} is cancelled`,
    run: async () => {
      await admin.matchmaking.cancelTicket(id);
      again();
    },
  });
}

function TicketFacts({ told: { ticket, waiting } }: { told: TicketExplanation }) {
  return (
    <Facts>
      <Fact label="Queue">
        <a href={href('queues', ticket.queue)}>{ticket.queue}</a>
      </Fact>
      <Fact label={over.has(ticket.status) ? 'Waited' : 'Waits'}>
        {duration((over.has(ticket.status) ? ticket.sinceMs : nowMs.value) - ticket.createdAtMs)}{' '}
        <span class="quiet" title={date(ticket.createdAtMs)}>
          since {clock(ticket.createdAtMs)}
        </span>
      </Fact>
      <Fact label="Estimated wait">{duration(ticket.estimatedWaitMs)}</Fact>
      <Fact label="Priority">{whole(ticket.priority)}</Fact>
      {waiting && (
        <>
          <Fact label="Rules">
            step {waiting.level + 1} of {waiting.levels}{' '}
            <span class="quiet">
              {waiting.loosensInMs === null ? 'as loose as they get' : `looser in ${ms(Math.max(0, waiting.loosensInMs))}`}
            </span>
          </Fact>
          <Fact label="Still needed">{plural(waiting.playersNeeded, 'player')}</Fact>
          <Fact label="Could play with it">
            {plural(waiting.playable.players, 'player')} <span class="quiet">{plural(waiting.playable.tickets, 'ticket')}</span>
          </Fact>
          <Fact label="Others in the queue">
            {plural(waiting.others, 'ticket')}{' '}
            <span class="quiet">{waiting.looked < waiting.others ? `${whole(waiting.looked)} looked at` : ''}</span>
          </Fact>
        </>
      )}
    </Facts>
  );
}

/** What keeps others apart from it: each ticket is counted at its first reason. */
function Apart({ waiting }: { waiting: NonNullable<TicketExplanation['waiting']> }) {
  const { apart, playable } = waiting;
  const most = Math.max(1, playable.tickets, ...apart.map(({ tickets }) => tickets));
  return (
    <section class="panel reasons" aria-label="What keeps others apart">
      <header class="panel-head">
        <h2>What keeps others apart</h2>
        <span class="quiet">tickets</span>
      </header>
      {apart.length === 0 && playable.tickets === 0 && <p class="panel-quiet quiet">Nobody else waits in this queue.</p>}
      <ul>
        {playable.tickets > 0 && (
          <li class="fits">
            <span>nothing: could play together</span>
            <Meter part={(playable.tickets / most) * 0.59} label={plural(playable.tickets, 'ticket')} />
            <span class="figure">{whole(playable.tickets)}</span>
          </li>
        )}
        {apart.map(({ reason, tickets }) => (
          <li key={reason}>
            <bdi>{reason}</bdi>
            <Meter part={(tickets / most) * 0.59} label={plural(tickets, 'ticket')} />
            <span class="figure">{whole(tickets)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Players({ told: { ticket } }: { told: TicketExplanation }) {
  const { acceptance, placement } = ticket;
  return (
    <section class="panel" aria-label="Players">
      <header class="panel-head">
        <h2>Players</h2>
        <span class="quiet">
          {acceptance
            ? `asked, ${duration(acceptance.untilMs - nowMs.value)} left to answer`
            : ticket.party && `party ${ticket.party}`}
        </span>
      </header>
      <ul class="aboard">
        {ticket.players.map((player) => (
          <li key={player}>
            <Name name={player} most={48} />
            <span class="quiet">
              {acceptance && (acceptance.accepted.includes(player) ? 'has said yes' : 'has not answered')}
            </span>
          </li>
        ))}
      </ul>
      {placement && (
        <p class="panel-quiet quiet">
          They play on {placement.server} of fleet {placement.fleet}.
        </p>
      )}
    </section>
  );
}
