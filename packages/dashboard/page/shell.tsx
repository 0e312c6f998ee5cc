/** Navigation at the side (below on a phone), the bar on top, and the banner that says what is wrong with the connection. */
import { duration, ms, plural, rate, short, shown } from './format.ts';
import { nowMs } from './parts/clock.ts';
import { Icon, type IconName } from './parts/icons.tsx';
import { href, type PageName, route } from './route.ts';
import { heardMs, link, logout, retry, session, trouble } from './store/atlas.ts';
import { gateways, handoffList, regions, servers, status } from './store/world.ts';
import { theme, toggleTheme } from './theme.ts';

interface Entry {
  readonly page: PageName;
  readonly label: string;
  readonly icon: IconName;
}

const everyday: readonly Entry[] = [
  { page: 'map', label: 'Map', icon: 'map' },
  { page: 'players', label: 'Players', icon: 'players' },
  { page: 'servers', label: 'Servers', icon: 'servers' },
  { page: 'gateways', label: 'Gateways', icon: 'gateways' },
  { page: 'events', label: 'Events', icon: 'events' },
  { page: 'history', label: 'History', icon: 'history' },
];
const office: readonly Entry[] = [
  { page: 'audit', label: 'Audit', icon: 'audit' },
  { page: 'keys', label: 'Keys', icon: 'keys' },
];

/** What a phone has no room for in its bar. */
export const rare: readonly Entry[] = [...everyday.filter(({ page }) => page === 'gateways' || page === 'history'), ...office];
const onPhone = new Set<PageName>(['map', 'players', 'servers', 'events']);

export function Navigation() {
  const admin = session.value?.scopes.includes('admin') ?? false;
  return (
    <nav class="nav" aria-label="Views">
      <a class="brand" href={href('map')} aria-label="Horizon Atlas, to the map">
        <Mark />
        <span class="brand-name">Horizon Atlas</span>
      </a>
      <ul>
        {everyday.map((entry) => (
          <NavItem entry={entry} key={entry.page} />
        ))}
        {admin && <li class="nav-gap" aria-hidden="true" />}
        {admin && office.map((entry) => <NavItem entry={entry} key={entry.page} />)}
        <li class="nav-more">
          <NavLink
            entry={{ page: 'more', label: 'More', icon: 'more' }}
            current={rare.some(({ page }) => page === route.value.page)}
          />
        </li>
      </ul>
      <p class="nav-foot">
        <span>v{session.value?.version ?? ''}</span>
        <a href="/docs">API</a>
      </p>
    </nav>
  );
}

function NavItem({ entry }: { entry: Entry }) {
  return (
    <li class={onPhone.has(entry.page) ? '' : 'not-on-phone'}>
      <NavLink entry={entry} current={route.value.page === entry.page} />
    </li>
  );
}

function NavLink({ entry: { page, label, icon }, current }: { entry: Entry; current: boolean }) {
  return (
    <a href={href(page)} aria-current={current || route.value.page === page ? 'page' : undefined} title={label}>
      <Icon name={icon} />
      <span class="nav-label">{label}</span>
    </a>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" focusable="false">
      <path class="mark-line" d="M3 20.5h26" />
      <path class="mark-sun" d="M8 20.5a8 8 0 0 1 16 0" />
      <circle class="mark-dot" cx="16" cy="26" r="2" />
    </svg>
  );
}

/** Above this many seconds without an end of a handoff the rate is zero anyway. */
const rateWindowMs = 30_000;

export function TopBar() {
  const list = regions.value;
  const awake = list?.filter((region) => region.state !== 'asleep').length ?? 0;
  const bad = [...(servers.value ?? []), ...(gateways.value ?? [])].filter(({ state }) =>
    ['unhealthy', 'backoff', 'error'].includes(state),
  ).length;
  const since = nowMs.value - rateWindowMs;
  const recent = handoffList.value.filter(
    (each) => each.endedAtMs !== null && each.endedAtMs > since && each.outcome === 'done',
  ).length;
  return (
    <header class="top">
      <p class="top-world">
        <bdi>{shown(session.value?.name ?? '', ' ')}</bdi>
        <Pill />
      </p>
      <ul class="top-figures" aria-label="Now">
        <Figure label="players" value={short(status.value?.players.online)} />
        <Figure label="regions" value={list ? `${awake} / ${list.length}` : '–'} title="awake / all" />
        <Figure
          label="handoffs / s"
          value={status.value ? rate(recent / (rateWindowMs / 1000)) : '–'}
          title="over the last 30 s"
        />
        <Figure
          label="gap p99"
          value={ms(status.value?.handoffs.gapMs.p99)}
          title="between two frames of a session around a handoff"
        />
        {bad > 0 && (
          <li class="top-bad">
            <a href={href('servers')}>
              <Icon name="warn" size={14} /> {plural(bad, 'process', 'processes')} in trouble
            </a>
          </li>
        )}
      </ul>
      <div class="top-tools">
        <button
          type="button"
          class="icon-button"
          aria-label={theme.value === 'dark' ? 'Light theme' : 'Dark theme'}
          title={theme.value === 'dark' ? 'Light theme' : 'Dark theme'}
          onClick={toggleTheme}
        >
          <Icon name={theme.value === 'dark' ? 'sun' : 'moon'} />
        </button>
        {session.value && session.value.login !== 'none' && (
          <button
            type="button"
            class="icon-button"
            aria-label="Log out"
            title={`Log out ${session.value.actor}`}
            onClick={() => void logout()}
          >
            <Icon name="leave" />
          </button>
        )}
        <a class="button primary play" href="/play/" target="_blank" rel="noopener">
          <Icon name="play" size={14} /> Play
        </a>
      </div>
    </header>
  );
}

function Figure({ label, value, title }: { label: string; value: string; title?: string }) {
  return (
    <li title={title}>
      <span class="top-value">{value}</span> <span class="top-label">{label}</span>
    </li>
  );
}

/** Scenes come several times a second; so long without one is told. */
const silentMsMax = 6000;

function Pill() {
  const words = { starting: 'connecting', login: '', live: 'live', lost: 'connection lost', refused: 'refused' } as const;
  // A stream that is open but says nothing: this reader or Atlas is slow. It catches up by itself.
  const silentMs = link.value === 'live' && heardMs > 0 ? nowMs.value - heardMs : 0;
  const slow = silentMs > silentMsMax;
  return (
    <span class={`pill ${slow ? 'slow' : link.value}`} role="status">
      {slow ? `no news for ${duration(silentMs)}` : words[link.value]}
    </span>
  );
}

export function Banner() {
  if (link.value !== 'lost' && link.value !== 'refused') return null;
  const error = trouble.value;
  return (
    <div class="banner" role="alert">
      <Icon name="warn" />
      <p>
        {link.value === 'lost'
          ? 'The connection to Atlas is lost. What you see is as it was; it goes on by itself, and no event is left out.'
          : 'Atlas does not let this page in.'}{' '}
        {error && (
          <span class="banner-why">
            {error.message} <code>{error.code}</code>
          </span>
        )}
      </p>
      <button type="button" class="button" onClick={retry}>
        Try now
      </button>
    </div>
  );
}
