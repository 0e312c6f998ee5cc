/** One match: from the oldest ticket to the result, who played with whom, where, and what it did to their ratings. */
import type { Match } from '@horizon-atlas/sdk-admin';
import { clock, date, duration, ms, plural, whole } from '../format.ts';
import { ask, mayOperate } from '../parts/act.tsx';
import { Empty, Fact, Facts, Head, Name, State, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Icon } from '../parts/icons.tsx';
import { useAsked } from '../parts/use-list.ts';
import { href } from '../route.ts';
import { admin } from '../store/atlas.ts';
import { matches } from '../store/play.ts';
import { lasts, stateOf } from './matches.tsx';

export function MatchPage({ id }: { id: string }) {
  // One that is not among the latest is asked for.
  const [asked, again] = useAsked(() => admin.matchmaking.match(id), 5000);
  const match = matches.value?.find((each) => each.id === id) ?? (asked.state === 'here' ? asked.value : undefined);
  const back = { href: href('matches'), label: 'All matches' };
  if (!match)
    return (
      <div class="page">
        <Head title={id} back={back} />
        {asked.state === 'refused' ? (
          <Empty icon="matches" title={asked.error.message}>
            Matches that ended some minutes ago are forgotten. <code>{asked.error.code}</code>
          </Empty>
        ) : (
          <Waiting label="The match is on its way" />
        )}
      </div>
    );
  return (
    <div class="page">
      <Head title={match.id} aside={<State state={stateOf(match)} />} back={back}>
        {match.stage === 'active' && mayOperate() && <Buttons match={match} again={again} />}
      </Head>
      {match.outcome === 'lost' && (
        <p class="notice bad">
          <Icon name="warn" /> Its server ended before the match did: nobody’s rating was moved.
        </p>
      )}
      <MatchFacts match={match} />
      <div class="columns match">
        <TimeLine match={match} />
        <div class="teams">
          {match.teams.map((team) => (
            <Team match={match} team={team} key={team.name} />
          ))}
          {match.result?.data !== undefined && <Data data={match.result.data} />}
        </div>
      </div>
    </div>
  );
}

function Buttons({ match, again }: { match: Match; again: () => void }) {
  return (
    <div class="buttons">
      <button type="button" class="button" onClick={() => askBackfill(match, again)}>
        <Icon name="players" /> {match.backfill ? 'Stop backfill' : 'Backfill'}
      </button>
      <button type="button" class="button danger-quiet" onClick={() => askEnd(match, again)}>
        <Icon name="kill" /> End
      </button>
    </div>
  );
}

function askEnd({ id, players, server }: Match, again: () => void): void {
  ask({
    title: `End match ${id}?`,
    verb: 'End match',
    danger: true,
    effects: [
      `It is over without a result: no rating of its ${plural(players, 'player')} is moved.`,
      `Server ${server} is given back.`,
    ],
    done: `Match ${id} is over`,
    run: async () => {
      await admin.matchmaking.endMatch(id);
      again();
    },
  });
}

function askBackfill({ id, queue, backfill }: Match, again: () => void): void {
  ask({
    title: backfill ? `Stop filling match ${id}?` : `Fill the free places of match ${id}?`,
    verb: backfill ? 'Stop backfill' : 'Backfill',
    effects: [
      backfill
        ? 'Nobody new comes into it; places of those who leave stay free.'
        : `Players of queue ${queue} who fit are put into it before a new match is opened.`,
    ],
    done: backfill ? `Match ${id} takes nobody new` : `Match ${id} is being filled`,
    run: async () => {
      await admin.matchmaking.backfill(id, !backfill);
      again();
    },
  });
}

function MatchFacts({ match }: { match: Match }) {
  const { queue, place, level, server, fleet, players, teams, createdAtMs, timeline, backfill } = match;
  const waitedMs = createdAtMs - (timeline[0]?.atMs ?? createdAtMs);
  const left = teams.reduce((sum, team) => sum + team.players.filter((player) => player.left).length, 0);
  return (
    <Facts>
      <Fact label="Queue">
        <a href={href('queues', queue)}>{queue}</a>
      </Fact>
      <Fact label="Server">
        {server === '' ? '–' : <a href={href('gameservers', server)}>{server}</a>} <span class="quiet">{fleet}</span>
      </Fact>
      <Fact label="Place">
        {place === '' ? 'any' : place} <span class="quiet">rules at step {level + 1}</span>
      </Fact>
      <Fact label="Players">
        {whole(players)}{' '}
        <span class="quiet">
          {left > 0 ? `${whole(left)} left` : ''}
          {backfill ? ' free places are filled' : ''}
        </span>
      </Fact>
      <Fact label="Longest wait">{passed(waitedMs)}</Fact>
      <Fact label="Formed">
        <span title={date(createdAtMs)}>{clock(createdAtMs)}</span>
      </Fact>
      <Fact label="Match to server">{match.placedAtMs === 0 ? '–' : ms(match.placedAtMs - createdAtMs)}</Fact>
      <Fact label={match.stage === 'ended' ? 'Lasted' : 'Lasts'}>{lasts(match, nowMs.value)}</Fact>
    </Facts>
  );
}

const stepTitles: Readonly<Record<string, string>> = {
  waiting: 'First ticket',
  formed: 'Match formed',
  accepted: 'Accepted',
  placed: 'Server given',
  left: 'Left',
  backfill: 'Backfill',
  filled: 'Filled in',
  ended: 'Ended',
};

const passed = (spanMs: number): string => (spanMs < 60_000 ? ms(spanMs) : duration(spanMs));

function TimeLine({ match: { timeline, stage, outcome } }: { match: Match }) {
  return (
    <section class="panel" aria-label="Timeline">
      <header class="panel-head">
        <h2>From ticket to result</h2>
      </header>
      <ol class="steps">
        {timeline.map(({ what, atMs, text }, i) => {
          const before = timeline[i - 1];
          const isBad = what === 'ended' && outcome === 'lost';
          return (
            <li key={`${what}-${atMs}-${i}`} class={isBad ? 'bad' : ''}>
              <p class="step-top">
                <strong>{stepTitles[what] ?? what}</strong>
                {before && <span class="quiet">+{passed(atMs - before.atMs)}</span>}
                <time class="quiet" title={date(atMs)}>
                  {clock(atMs, true)}
                </time>
              </p>
              <p class="quiet">
                <bdi>{text}</bdi>
              </p>
            </li>
          );
        })}
        {stage !== 'ended' && (
          <li class="under-way">
            <p class="step-top">
              <strong>
                {stage === 'active' ? 'Being played' : stage === 'placing' ? 'Waiting for a server' : 'Players are asked'}
              </strong>
              <span class="quiet">{duration(nowMs.value - (timeline.at(-1)?.atMs ?? nowMs.value))}</span>
            </p>
          </li>
        )}
      </ol>
    </section>
  );
}

function Team({ match, team }: { match: Match; team: Match['teams'][number] }) {
  const place = match.result?.teams.find(({ name }) => name === team.name);
  const moves = new Map(match.ratings.map((move) => [move.player, move]));
  return (
    <section class="panel team" aria-label={`Team ${team.name}`}>
      <header class="panel-head">
        <h2>
          <Name name={team.name} most={32} />
        </h2>
        {place?.score !== undefined && <span class="plot-now">{whole(place.score)}</span>}
        {place && (
          <span class={`pill ${place.rank === 1 ? 'live' : ''}`}>{place.rank === 1 ? 'won' : `place ${place.rank}`}</span>
        )}
        {!place && <span class="quiet">{plural(team.players.length, 'player')}</span>}
      </header>
      <ul class="aboard" tabIndex={team.players.length > 10 ? 0 : undefined} aria-label={`Players of ${team.name}`}>
        {team.players.map(({ id, ticket, party, left }) => {
          const move = moves.get(id);
          return (
            <li key={`${id}-${ticket}`} class={left ? 'has-left' : ''}>
              <span>
                <Name name={id} most={40} />
                {left && <span class="quiet"> left</span>}
                {party !== '' && (
                  <span class="quiet" title={`party ${party}`}>
                    {' '}
                    in a party
                  </span>
                )}
              </span>
              {move && <Move before={move.before} after={move.after} />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** A rating before and after. */
function Move({ before, after }: { before: number; after: number }) {
  const by = after - before;
  return (
    <span class="move">
      <span class="quiet">{before}</span> <span aria-hidden="true">→</span>
      <span class="unseen">to</span> {after}{' '}
      <span class={by > 0 ? 'up' : by < 0 ? 'down' : 'quiet'}>{by > 0 ? `+${by}` : by < 0 ? `−${-by}` : '±0'}</span>
    </span>
  );
}

const dataMost = 20_000;

/** What the game server said of its end, beside the ranks. */
function Data({ data }: { data: unknown }) {
  return (
    <section class="panel" aria-label="What the server said">
      <header class="panel-head">
        <h2>What the server said</h2>
      </header>
      <pre class="data" tabIndex={0}>
        {JSON.stringify(data, null, 2).slice(0, dataMost)}
      </pre>
    </section>
  );
}
