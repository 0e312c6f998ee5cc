/** Matches: those under way and the last ones, the latest first. */
import type { Match } from '@horizon-atlas/sdk-admin';
import { clock, date, duration, shortId, whole } from '../format.ts';
import { Empty, Head, Name, State, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Choice, Filters, NothingFound, Search } from '../parts/filters.tsx';
import { Cell, LongList } from '../parts/long-list.tsx';
import { go, href, requery, route } from '../route.ts';
import { matches, queues } from '../store/play.ts';

const stages: readonly Match['stage'][] = ['accepting', 'placing', 'active', 'ended'];

export function MatchesPage() {
  const { query } = route.value;
  const filter = { q: query.get('q') ?? '', queue: query.get('queue') ?? '', stage: query.get('stage') ?? '' };
  const all = matches.value;
  const rows = (all ?? []).filter((match) => isWanted(match, filter));
  const active = all?.filter(({ stage }) => stage !== 'ended').length ?? 0;
  const set = (part: Partial<Filter>): void => requery({ ...filter, ...part });
  return (
    <div class="page tall">
      <Head title="Matches" aside={all && all.length > 0 && `${whole(active)} under way, ${whole(all.length - active)} over`}>
        <Narrowing filter={filter} set={set} />
      </Head>
      {all === undefined && <Waiting label="Matches are on their way" rows={10} />}
      {all && rows.length === 0 && <Nothing filtered={all.length > 0} />}
      {rows.length > 0 && (
        <LongList
          label="Matches"
          class="matches"
          rows={rows}
          keyOf={(row) => row.id}
          rowHeight={44}
          columns={['Match', 'State', 'Queue', 'Teams', 'Players', 'Server', 'Began', 'Lasts']}
          onOpen={(row) => go('matches', row.id)}
        >
          {(row) => <Row match={row} />}
        </LongList>
      )}
    </div>
  );
}

interface Filter {
  readonly q: string;
  readonly queue: string;
  readonly stage: string;
}

function isWanted(match: Match, { q, queue, stage }: Filter): boolean {
  if ((queue !== '' && match.queue !== queue) || (stage !== '' && match.stage !== stage)) return false;
  const text = q.trim().toLowerCase();
  if (text === '') return true;
  const has = (word: string): boolean => word.toLowerCase().includes(text);
  return has(match.id) || has(match.server) || match.teams.some(({ players }) => players.some(({ id }) => has(id)));
}

const Narrowing = ({ filter, set }: { filter: Filter; set: (part: Partial<Filter>) => void }) => (
  <Filters>
    <Search placeholder="Match, player or server" value={filter.q} set={(q) => set({ q })} />
    <Choice
      label="Queue"
      any="every queue"
      value={filter.queue}
      options={(queues.value ?? []).map(({ name }) => name)}
      set={(queue) => set({ queue })}
    />
    <Choice label="State" any="every state" value={filter.stage} options={stages} set={(stage) => set({ stage })} />
  </Filters>
);

function Nothing({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <NothingFound title="No match is like that" />
  ) : (
    <Empty icon="matches" title="No match has been played yet">
      A match is made once enough players of a <a href={href('queues')}>queue</a> fit each other.
    </Empty>
  );
}

function Row({ match }: { match: Match }) {
  return (
    <>
      <Cell class="lead">
        <a href={href('matches', match.id)} tabIndex={-1} title={match.id}>
          {shortId(match.id)}
        </a>
      </Cell>
      <Cell>
        <State state={stateOf(match)} />
      </Cell>
      <Cell>{match.queue}</Cell>
      <Cell class="wide">
        <Teams match={match} />
      </Cell>
      <Cell figure>{whole(match.players)}</Cell>
      <Cell class="wide quiet">{match.server === '' ? '–' : shortId(match.server)}</Cell>
      <Cell class="wide">
        <time title={date(match.createdAtMs)}>{clock(match.createdAtMs)}</time>
      </Cell>
      <Cell figure class="wide">
        {lasts(match, nowMs.value)}
      </Cell>
    </>
  );
}

/** Its stage, or how it ended. */
export const stateOf = ({ stage, outcome }: Match): string => (stage === 'ended' && outcome !== '' ? outcome : stage);

/** From the server to the end; before that, nothing. */
export function lasts({ placedAtMs, endedAtMs }: Match, now: number): string {
  return placedAtMs === 0 ? '–' : duration((endedAtMs || now) - placedAtMs);
}

function Teams({ match: { teams, result } }: { match: Match }) {
  // A hundred who play each for themselves are a number, not a list.
  if (teams.length > 4) return <span>{whole(teams.length)} teams</span>;
  return (
    <span>
      {teams.map(({ name, players }, i) => {
        const place = result?.teams.find((team) => team.name === name);
        return (
          <span key={name} class={place?.rank === 1 ? 'won' : ''}>
            {i > 0 && <span class="quiet"> · </span>}
            <Name name={name} most={16} /> {place?.score ?? <span class="quiet">{players.length}</span>}
            {place?.rank === 1 && <span class="unseen"> (won)</span>}
          </span>
        );
      })}
    </span>
  );
}
