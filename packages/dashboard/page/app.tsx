/** The frame around every view: navigation, the figures on top, what is wrong with the connection, and the view itself. */
import { useEffect } from 'preact/hooks';
import { MapPage } from './map/map-page.tsx';
import { AuditPage } from './pages/audit.tsx';
import { EdgePage, EdgesPage } from './pages/edges.tsx';
import { EventsPage } from './pages/events.tsx';
import { FleetPage } from './pages/fleet.tsx';
import { FleetsPage } from './pages/fleets.tsx';
import { GamePage, GamesPage } from './pages/games.tsx';
import { GameServerPage } from './pages/gameserver.tsx';
import { GameServersPage } from './pages/gameservers.tsx';
import { GatewayPage, GatewaysPage } from './pages/gateways.tsx';
import { HistoryPage } from './pages/history.tsx';
import { KeysPage } from './pages/keys.tsx';
import { LoginPage } from './pages/login.tsx';
import { MatchPage } from './pages/match.tsx';
import { MatchesPage } from './pages/matches.tsx';
import { MorePage } from './pages/more.tsx';
import { PlayerPage } from './pages/player.tsx';
import { PlayersPage } from './pages/players.tsx';
import { QueuePage, QueuesPage } from './pages/queues.tsx';
import { ServerPage, ServersPage } from './pages/servers.tsx';
import { TicketPage } from './pages/ticket.tsx';
import { ActDialog } from './parts/act.tsx';
import { Empty } from './parts/bits.tsx';
import { home } from './parts/sections.ts';
import { Toasts } from './parts/toast.tsx';
import { type Route, route } from './route.ts';
import { Banner, Navigation, TopBar } from './shell.tsx';
import { link, session } from './store/atlas.ts';

const titles: Readonly<Record<Exclude<Route['page'], 'home'>, string>> = {
  map: 'Map',
  servers: 'Servers',
  gateways: 'Gateways',
  players: 'Players',
  events: 'Events',
  history: 'History',
  audit: 'Audit',
  keys: 'Keys',
  fleets: 'Fleets',
  gameservers: 'Game servers',
  queues: 'Queues',
  tickets: 'Ticket',
  matches: 'Matches',
  games: 'Games',
  edges: 'Edges',
  more: 'More',
  nowhere: 'Not found',
};

export function App() {
  const { id } = route.value;
  const page = route.value.page === 'home' ? home.value : route.value.page;
  const world = session.value?.name ?? '';
  useEffect(() => {
    document.title = `${id || titles[page]} · ${world ? `${world} · ` : ''}Horizon Atlas`;
  }, [page, id, world]);
  if (link.value === 'login') return <LoginPage />;
  return (
    <div class={`shell ${page === 'map' ? 'on-map' : ''}`}>
      <button type="button" class="skip" onClick={skip}>
        Skip to content
      </button>
      <Navigation />
      <div class="shell-body">
        <TopBar />
        <Banner />
        <main id="content" key={`${page}/${id}`}>
          <View page={page} id={id} />
        </main>
      </div>
      <ActDialog />
      <Toasts />
    </div>
  );
}

function skip(): void {
  document.querySelector<HTMLElement>('main h1, main [tabindex="0"]')?.focus();
}

function View({ page, id }: { page: Exclude<Route['page'], 'home'>; id: string }) {
  switch (page) {
    case 'map':
      return <MapPage />;
    case 'servers':
      return id ? <ServerPage id={id} /> : <ServersPage />;
    case 'gateways':
      return id ? <GatewayPage id={id} /> : <GatewaysPage />;
    case 'players':
      return id ? <PlayerPage id={id} /> : <PlayersPage />;
    case 'fleets':
      return id ? <FleetPage name={id} /> : <FleetsPage />;
    case 'gameservers':
      return id ? <GameServerPage id={id} /> : <GameServersPage />;
    case 'queues':
      return id ? <QueuePage name={id} /> : <QueuesPage />;
    case 'tickets':
      return id ? <TicketPage id={id} /> : <QueuesPage />;
    case 'matches':
      return id ? <MatchPage id={id} /> : <MatchesPage />;
    case 'games':
      return id ? <GamePage id={id} /> : <GamesPage />;
    case 'edges':
      return id ? <EdgePage id={id} /> : <EdgesPage />;
    case 'events':
      return <EventsPage />;
    case 'history':
      return <HistoryPage />;
    case 'audit':
      return <AuditPage />;
    case 'keys':
      return <KeysPage />;
    case 'more':
      return <MorePage />;
    default:
      return (
        <div class="page">
          <h1 class="unseen">Not found</h1>
          <Empty icon="warn" title="There is no such page">
            <a href="#/">Back to the start</a>
          </Empty>
        </div>
      );
  }
}
