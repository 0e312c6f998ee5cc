/** One game server: what it is doing and for whom, where it listens, what it counts, what it costs, and its console. */
import type { GameServer } from '@horizon-atlas/sdk-admin';
import { useState } from 'preact/hooks';
import { bytes, clipped, date, duration, percent, plural, shown, whole } from '../format.ts';
import { ask, mayOperate } from '../parts/act.tsx';
import { Empty, Fact, Facts, Head, Meter, Name, State, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Console } from '../parts/console.tsx';
import { Icon, type IconName } from '../parts/icons.tsx';
import { useAsked } from '../parts/use-list.ts';
import { href } from '../route.ts';
import { admin } from '../store/atlas.ts';
import { gameServers, gameServersKnown, gameServersVersion } from '../store/game-servers.ts';
import { matches } from '../store/play.ts';
import { GameServerPlots } from './game-server-plots.tsx';
import { playersText } from './gameservers.tsx';

export function GameServerPage({ id }: { id: string }) {
  gameServersVersion.value;
  const now = gameServers.get(id);
  const [last, setLast] = useState<GameServer | undefined>(undefined);
  if (now && now !== last) setLast(now);
  const server = now ?? (last?.id === id ? last : undefined);
  const back = { href: href('gameservers'), label: 'All game servers' };
  if (!server)
    return (
      <div class="page">
        <Head title={id} back={back} />
        {gameServersKnown.value ? <Gone /> : <Waiting label="The game server is on its way" />}
      </div>
    );
  return (
    <div class="page">
      <Head title={server.id} aside={<State state={now ? server.state : 'gone'} />} back={back}>
        {now && mayOperate() && <Orders server={server} />}
      </Head>
      {!now && (
        <p class="notice">
          <Icon name="gameservers" /> It has ended. What stands here is what was known of it last.
        </p>
      )}
      {server.why !== '' && (
        <p class={`notice ${['Error', 'Unhealthy'].includes(server.state) ? 'bad' : ''}`}>
          <Icon name={['Error', 'Unhealthy'].includes(server.state) ? 'warn' : 'gameservers'} /> <bdi>{shown(server.why)}</bdi>
        </p>
      )}
      <ServerFacts server={server} />
      <GameServerPlots server={server.id} />
      <div class="columns server">
        <div class="stack">
          <Players server={server} />
          <Counted server={server} />
          <Limits limits={server.limits} />
          <Texts title="Labels" texts={server.labels} />
          <Texts title="Annotations" texts={withoutSession(server.annotations)} />
        </div>
        <div class="stack">
          <TypedConsole server={server.id} />
        </div>
      </div>
    </div>
  );
}

/** Typing is offered where somebody reads it. */
function TypedConsole({ server }: { server: string }) {
  const [asked] = useAsked(() => admin.console(server), 0, server);
  const accepts = asked.state === 'here' && asked.value.accepts && mayOperate();
  return <Console process={server} onType={accepts ? (line) => admin.typeConsole(server, line) : undefined} />;
}

function Gone() {
  return (
    <Empty icon="gameservers" title="There is no such game server">
      It may have ended: each session has a server of a new name.
    </Empty>
  );
}

interface Order {
  readonly order: 'drain' | 'maintain' | 'restore' | 'shutdown';
  readonly label: string;
  readonly icon: IconName;
  readonly done: string;
  readonly effect: (players: string) => readonly string[];
}

const orders: readonly Order[] = [
  {
    order: 'drain',
    label: 'Drain',
    icon: 'drain',
    done: 'drains',
    effect: (players) => [`Nobody new comes onto it. It ends once ${players} have left, at once if nobody has it.`],
  },
  {
    order: 'maintain',
    label: 'Maintain',
    icon: 'pause',
    done: 'is taken out',
    effect: () => [
      'It goes on with the session that it has, and is kept after it and given to nobody.',
      'Its fleet starts another one in its place.',
    ],
  },
  {
    order: 'restore',
    label: 'Give back',
    icon: 'play',
    done: 'is given back',
    effect: () => ['It is ready again, and may be given to the next who asks.'],
  },
  {
    order: 'shutdown',
    label: 'Shut down',
    icon: 'kill',
    done: 'shuts down',
    effect: (players) => [
      `It is asked to end, whoever has it: ${players} lose their session.`,
      'Its fleet starts another one where that is wanted.',
    ],
  },
];

function Orders({ server }: { server: GameServer }) {
  const { id, state } = server;
  const players = plural(server.players?.count ?? 0, 'player');
  const wanted = orders.filter(({ order }) => (state === 'Maintaining' ? order !== 'maintain' : order !== 'restore'));
  if (state === 'Shutdown' || state === 'Error') return null;
  return (
    <div class="buttons">
      {wanted.map(({ order, label, icon, done, effect }) => (
        <button
          type="button"
          key={order}
          class={`button ${order === 'shutdown' ? 'danger-quiet' : ''}`}
          onClick={() =>
            ask({
              title: `${label} ${id}?`,
              verb: label,
              danger: order === 'shutdown',
              effects: effect(players),
              done: `${id} ${done}`,
              run: () => admin.orderGameServer(id, order),
            })
          }
        >
          <Icon name={icon} /> {label}
        </button>
      ))}
    </div>
  );
}

function ServerFacts({ server }: { server: GameServer }) {
  const { fleet, version, sinceMs, startedAtMs, pid, ports, players, allocations, cpu, memoryBytes } = server;
  const { site } = server.labels;
  return (
    <Facts>
      <Fact label="Fleet">
        <a href={href('fleets', fleet)}>{fleet}</a> <span class="quiet">version {version}</span>
      </Fact>
      <Fact label="Players">{playersText(players)}</Fact>
      <Fact label="Plays">
        {allocations.length === 0 && '–'}
        {allocations.map((request, i) => (
          <span key={request}>
            {i > 0 && ', '}
            <Session request={request} />
          </span>
        ))}
      </Fact>
      <Fact label="In this state">
        <span title={date(sinceMs)}>{duration(nowMs.value - sinceMs)}</span>
      </Fact>
      {ports.map(({ name, protocol, host, port }) => (
        <Fact label={`Port ${name}`} key={name}>
          {host}:{port} <span class="quiet">{protocol}</span>
        </Fact>
      ))}
      <Fact label="Up">{startedAtMs === 0 ? '–' : duration(nowMs.value - startedAtMs)}</Fact>
      <Fact label="CPU">
        {percent(cpu)} <span class="quiet">of a core</span>
      </Fact>
      <Fact label="Memory">
        <span title="with all that it started itself">{bytes(memoryBytes)}</span>
      </Fact>
      <Fact label="Process">
        {pid || '–'} {site && <span class="quiet">at {site}</span>}
      </Fact>
    </Facts>
  );
}

/** A request that has the server; a match has the same name where the matchmaker asked. */
function Session({ request }: { request: string }) {
  const isMatch = matches.value?.some(({ id }) => id === request);
  return isMatch ? <a href={href('matches', request)}>{request}</a> : <bdi>{clipped(shown(request), 60)}</bdi>;
}

function Players({ server: { players } }: { server: GameServer }) {
  const names = players?.names ?? [];
  return (
    <section class="panel" aria-label="Players">
      <header class="panel-head">
        <h2>Players</h2>
        <span class="quiet">{playersText(players)}</span>
      </header>
      {!players && <p class="panel-quiet quiet">Nobody counts them: neither the server nor who watches it tells.</p>}
      {players && names.length === 0 && (
        <p class="panel-quiet quiet">{players.count === 0 ? 'Nobody plays.' : 'Their names are not told.'}</p>
      )}
      {names.length > 0 && (
        <ul class="aboard" tabIndex={0} aria-label="Players of this server">
          {names.map((name, i) => (
            <li key={`${i}-${name}`}>
              <Name name={name} most={40} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Counters and lists, as Agones has them. */
function Counted({ server: { counters, lists } }: { server: GameServer }) {
  const rows = [
    ...Object.entries(counters).map(([name, { count, capacity }]) => ({
      name,
      count,
      capacity,
      values: [] as readonly string[],
    })),
    ...Object.entries(lists).map(([name, { values, capacity }]) => ({ name, count: values.length, capacity, values })),
  ];
  if (rows.length === 0) return null;
  return (
    <section class="panel counted" aria-label="Counters and lists">
      <header class="panel-head">
        <h2>Counters and lists</h2>
      </header>
      <ul>
        {rows.map(({ name, count, capacity, values }) => (
          <li key={name}>
            <bdi>{shown(name)}</bdi>
            <Meter part={capacity > 0 ? count / capacity : null} label={`${whole(count)} of ${whole(capacity)}`} />
            <span class="figure">
              {whole(count)} / {whole(capacity)}
            </span>
            {values.length > 0 && (
              <span class="counted-values quiet">
                <bdi>{clipped(values.map((value) => shown(value)).join(', '), 400)}</bdi>
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What it may use at most, and who sees to that: where nobody does, why not. */
function Limits({ limits }: { limits: GameServer['limits'] }) {
  if (limits.length === 0) return null;
  const names = { cpus: 'Cores', memoryBytes: 'Memory', processes: 'Processes' } as const;
  return (
    <section class="panel" aria-label="Limits">
      <header class="panel-head">
        <h2>Limits</h2>
      </header>
      <dl class="texts">
        {limits.map(({ resource, max, by, why }) => (
          <div key={resource}>
            <dt>{names[resource]}</dt>
            <dd>
              {resource === 'memoryBytes' ? bytes(max) : max}{' '}
              <span class={by === 'kernel' ? 'quiet' : 'bad-text'}>
                {by === 'kernel' ? 'held by the kernel' : `nobody holds it to this: ${why}`}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What a session was given is for its game server; who has the server stands above. */
function withoutSession({ 'atlas.dev/session': _, ...others }: GameServer['annotations']): GameServer['annotations'] {
  return others;
}

function Texts({ title, texts }: { title: string; texts: Readonly<Record<string, string>> }) {
  const rows = Object.entries(texts);
  if (rows.length === 0) return null;
  return (
    <section class="panel" aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
      </header>
      <dl class="texts">
        {rows.map(([key, value]) => (
          <div key={key}>
            <dt>
              <bdi>{shown(key)}</bdi>
            </dt>
            <dd>
              <bdi>{clipped(shown(value, '–'), 400)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
