/** Navigation at the side (below on a phone), the bar on top, and the banner that says what is wrong with the connection or the machine. */
import { duration, ms, plural, rate, short, shown } from './format.ts';
import { nowMs } from './parts/clock.ts';
import { Icon } from './parts/icons.tsx';
import { type Entry, hasWorld, home, onPhone, rare, sections } from './parts/sections.ts';
import { href, type PageName, route } from './route.ts';
import { heardMs, link, logout, retry, session, trouble } from './store/atlas.ts';
import { hasQueues, queues } from './store/play.ts';
import { gateways, handoffList, regions, servers, status } from './store/world.ts';
import { theme, toggleTheme } from './theme.ts';

/** Of one ticket, its queue is where one is. */
const isAt = (page: PageName): boolean => {
  const at = route.value.page === 'home' ? home.value : route.value.page;
  return at === page || (page === 'queues' && at === 'tickets');
};

export function Navigation() {
  return (
    <nav class="nav" aria-label="Views">
      <a class="brand" href="#/" aria-label="Horizon Atlas, to the start">
        <Mark />
        <span class="brand-name">Horizon Atlas</span>
      </a>
      <ul>
        {sections.value.map((entries, i) => [
          i > 0 && <li class="nav-gap" aria-hidden="true" key={`gap-${entries[0]?.page}`} />,
          entries.map((entry) => <NavItem entry={entry} key={entry.page} />),
        ])}
        <li class="nav-more">
          <NavLink entry={{ page: 'more', label: 'More', icon: 'more' }} current={rare.value.some(({ page }) => isAt(page))} />
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
    <li class={onPhone.value.has(entry.page) ? '' : 'not-on-phone'}>
      <NavLink entry={entry} current={isAt(entry.page)} />
    </li>
  );
}

function NavLink({ entry: { page, label, icon }, current }: { entry: Entry; current: boolean }) {
  return (
    <a href={href(page)} aria-current={current || isAt(page) ? 'page' : undefined} title={label}>
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
  const bad = [...(servers.value ?? []), ...(gateways.value ?? [])].filter(({ state }) =>
    ['unhealthy', 'backoff', 'error'].includes(state),
  ).length;
  return (
    <header class="top">
      <p class="top-world">
        <bdi>{shown(session.value?.name ?? '', ' ')}</bdi>
        <Pill />
      </p>
      <ul class={`top-figures ${hasQueues.value ? 'many' : ''}`} aria-label="Now">
        {bad > 0 && (
          <li class="top-bad" key="bad">
            <a href={href('servers')}>
              <Icon name="warn" size={14} /> {plural(bad, 'process', 'processes')} in trouble
            </a>
          </li>
        )}
        {hasWorld.value && <WorldFigures />}
        <PlayFigures />
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
        {session.value?.play.map(({ name, path }, i) => (
          <a key={path} class={`button play ${i === 0 ? 'primary' : ''}`} href={path} target="_blank" rel="noopener">
            <Icon name="play" size={14} /> Play {name}
          </a>
        ))}
      </div>
    </header>
  );
}

function WorldFigures() {
  const list = regions.value;
  const awake = list?.filter((region) => region.state !== 'asleep').length ?? 0;
  const since = nowMs.value - rateWindowMs;
  const recent = handoffList.value.filter(
    (each) => each.endedAtMs !== null && each.endedAtMs > since && each.outcome === 'done',
  ).length;
  return (
    <>
      <Figure label="players" value={short(status.value?.players.online)} />
      <Figure label="regions" value={list ? `${awake} / ${list.length}` : '–'} title="awake / all" />
      <Figure
        class="less"
        label="handoffs / s"
        value={status.value ? rate(recent / (rateWindowMs / 1000)) : '–'}
        title="over the last 30 s"
      />
      <Figure
        class="less"
        label="gap p99"
        value={ms(status.value?.handoffs.gapMs.p99)}
        title="between two frames of a session around a handoff"
      />
    </>
  );
}

/** Of queues and matches, where there are any. */
function PlayFigures() {
  const waiting = queues.value?.reduce((sum, { players }) => sum + players, 0);
  const playing = queues.value?.reduce((sum, queue) => sum + queue.matches.active, 0);
  if (!queues.value?.length) return null;
  return (
    <>
      <Figure label="in queue" value={short(waiting)} title="players who wait for a match" />
      <Figure label={playing === 1 ? 'match' : 'matches'} value={short(playing)} title="under way" />
    </>
  );
}

function Figure({ label, value, title, class: name }: { label: string; value: string; title?: string; class?: string }) {
  return (
    <li title={title} class={name}>
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
  if (link.value !== 'lost' && link.value !== 'refused') return <Warnings />;
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

/** What is wrong with the machine, and somebody has to mend. */
function Warnings() {
  const { warnings = [] } = status.value ?? {};
  if (warnings.length === 0) return null;
  return (
    <div class="banner" role="alert">
      <Icon name="warn" />
      {warnings.map(({ code, message }) => (
        <p key={code}>
          {sentence(message)} <code>{code}</code>
        </p>
      ))}
    </div>
  );
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
