/** One fleet: its servers by state over the last hour, how they start, how many it is to have and why, and its versions. */
import type { AdminError, Fleet } from '@horizon-atlas/sdk-admin';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ms, plural, whole } from '../format.ts';
import { mayOperate } from '../parts/act.tsx';
import { Empty, Fact, Facts, Head, Refusal, Waiting } from '../parts/bits.tsx';
import { type StatesAt, StatesBar, StatesPlot, serversText } from '../parts/fleet-bits.tsx';
import { Icon } from '../parts/icons.tsx';
import { toast } from '../parts/toast.tsx';
import { useAsked } from '../parts/use-list.ts';
import { href } from '../route.ts';
import { admin } from '../store/atlas.ts';
import { fleetFigures, fleets } from '../store/fleets.ts';
import { gameServersKnown, gameServersVersion, serversOf } from '../store/game-servers.ts';
import { serverGroups } from '../store/server-groups.ts';
import { FleetSize } from './fleet-size.tsx';
import { FleetVersions } from './fleet-versions.tsx';
import { labelText, ServerList } from './gameservers.tsx';

export function FleetPage({ name }: { name: string }) {
  const fleet = fleets.value?.find((each) => each.name === name);
  const [scales, setScales] = useState(false);
  const back = { href: href('fleets'), label: 'All fleets' };
  if (!fleet)
    return (
      <div class="page">
        <Head title={name} back={back} />
        {fleets.value === undefined ? (
          <Waiting label="The fleet is on its way" />
        ) : (
          <Empty icon="fleets" title={`No fleet is called ${name}`}>
            <a href={href('fleets')}>All fleets</a>
          </Empty>
        )}
      </div>
    );
  return (
    <div class="page">
      <Head title={fleet.name} aside={`version ${fleet.version}`} back={back}>
        {mayOperate() && (
          <button type="button" class="button" onClick={() => setScales(true)}>
            <Icon name="fleets" /> Scale
          </button>
        )}
      </Head>
      {fleet.trouble && (
        <p class="notice bad">
          <Icon name="warn" />
          <span>
            <bdi>{fleet.trouble.message}</bdi> <code>{fleet.trouble.code}</code>
          </span>
        </p>
      )}
      <FleetFacts fleet={fleet} />
      <OverTime fleet={fleet} />
      <div class="columns even">
        <FleetVersions fleet={fleet} />
        <FleetSize fleet={fleet} />
      </div>
      <Servers fleet={fleet.name} />
      {scales && <ScaleDialog fleet={fleet} onClose={() => setScales(false)} />}
    </div>
  );
}

function sizeText(held: number | null, warm: number | null): string {
  if (held !== null) return 'held by an operator';
  return warm === null ? 'scaled by its policy' : `in use and ${whole(warm)} ready`;
}

function FleetFacts({ fleet }: { fleet: Fleet }) {
  const { inUse, replicas, held, warm, min, max, waiting, startMs, sites, labels } = fleet;
  return (
    <Facts>
      <Fact label="In use">
        {whole(inUse)} <span class="quiet">of {serversText(fleet)}</span>
      </Fact>
      <Fact label="Is to have">
        {whole(replicas)} <span class="quiet">{sizeText(held, warm)}</span>
      </Fact>
      <Fact label="Limits">
        {whole(min)} to {whole(max)}
      </Fact>
      <Fact label="Requests that wait">{whole(waiting)}</Fact>
      <Fact label="Start, half of them">
        {ms(startMs?.p50)} <span class="quiet">{startMs ? `of ${plural(startMs.count, 'start')}` : ''}</span>
      </Fact>
      <Fact label="Start, p99">
        {ms(startMs?.p99)} <span class="quiet">{startMs ? `longest ${ms(startMs.max)}` : ''}</span>
      </Fact>
      <Fact label="Sites">{sites.join(', ')}</Fact>
      <Fact label="Labels">
        <bdi>{labelText(labels) || '–'}</bdi>
      </Fact>
    </Facts>
  );
}

/** The last hour as Atlas recorded it, and what this page has seen since. */
function OverTime({ fleet }: { fleet: Fleet }) {
  const [asked] = useAsked(() => admin.history(), 15_000);
  const past = useMemo((): StatesAt => {
    const seen = fleetFigures.of(fleet.name);
    const since = seen[0]?.atMs ?? Number.POSITIVE_INFINITY;
    const recorded = asked.state === 'here' ? asked.value : { atMs: [], series: {} as Record<string, (number | null)[]> };
    const old = recorded.atMs.filter((at) => at < since);
    return {
      atMs: [...old, ...seen.map(({ atMs }) => atMs)],
      rows: serverGroups.map(({ series: of }, i) => {
        const series = recorded.series[`${of}:${fleet.name}`];
        return [...old.map((_, at) => (series ? (series[at] ?? null) : null)), ...seen.map(({ counts }) => counts[i] ?? 0)];
      }),
    };
  }, [asked, fleet]);
  return (
    <section class="panel" aria-label="Servers by state">
      <header class="panel-head">
        <h2>Servers by state</h2>
        <span class="quiet">{old(past)}</span>
      </header>
      <div class="card-body">
        <StatesBar fleet={fleet} />
      </div>
      <StatesPlot past={past} />
    </section>
  );
}

function old({ atMs }: StatesAt): string {
  if (atMs.length < 2) return '';
  const minutes = Math.round(((atMs.at(-1) ?? 0) - (atMs[0] ?? 0)) / 60_000);
  return `the last ${minutes < 2 ? 'minute' : plural(minutes, 'minute')}`;
}

function Servers({ fleet }: { fleet: string }) {
  gameServersVersion.value;
  const all = serversOf(fleet);
  const isKnown = gameServersKnown.value;
  return (
    <section class="in-page-list" aria-label="Its servers">
      <h2>
        <a href={href('gameservers', '', { fleet })}>Its servers</a> <span class="quiet">{isKnown && whole(all.length)}</span>
      </h2>
      {!isKnown && <Waiting label="Its servers are on their way" rows={3} />}
      {isKnown && all.length === 0 && <Empty icon="gameservers" title="It has no server now" />}
      {all.length > 0 && <ServerList rows={all} label="Its servers" />}
    </section>
  );
}

function ScaleDialog({ fleet, onClose }: { fleet: Fleet; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [wanted, setWanted] = useState(String(fleet.replicas));
  const [byNumber, setByNumber] = useState(true);
  const [error, setError] = useState<AdminError | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  const number = Number(wanted);
  const good = !byNumber || (/^\d{1,6}$/.test(wanted.trim()) && number <= 100_000);
  const scale = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!good || busy) return;
    setBusy(true);
    try {
      const after = await admin.scaleFleet(fleet.name, byNumber ? number : null);
      toast('good', `${fleet.name} is to have ${plural(after.replicas, 'server')}`);
      onClose();
    } catch (caught) {
      setError(caught as AdminError);
      setBusy(false);
    }
  };
  return (
    <dialog class="dialog" ref={dialog} onClose={onClose} aria-labelledby="scale-title">
      <form onSubmit={scale}>
        <h2 id="scale-title">Scale {fleet.name}</h2>
        <fieldset class="choices">
          <legend>How many servers it is to have</legend>
          <label>
            <input type="radio" name="how" checked={byNumber} onChange={() => setByNumber(true)} />
            <span>
              <strong>a number</strong> <span class="quiet">whoever comes</span>
            </span>
          </label>
          <label>
            <input type="radio" name="how" checked={!byNumber} onChange={() => setByNumber(false)} />
            <span>
              <strong>as it is configured</strong> <span class="quiet">those in use, and some ready beyond them</span>
            </span>
          </label>
        </fieldset>
        {byNumber && (
          <label class="field">
            <span>Servers in all</span>
            <input inputMode="numeric" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
          </label>
        )}
        <p class="quiet" aria-live="polite">
          {scaleHint(fleet, byNumber, good, number)}
        </p>
        {error && <Refusal error={error} />}
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={!good || busy}>
            Scale
          </button>
        </div>
      </form>
    </dialog>
  );
}

function scaleHint({ min, max, inUse }: Fleet, byNumber: boolean, good: boolean, number: number): string {
  if (!good) return 'A whole number from 0 to 100,000.';
  const held = Math.min(max, Math.max(min, number));
  if (byNumber && held !== number) return `Its limits are ${whole(min)} to ${whole(max)}: it will have ${whole(held)}.`;
  if (byNumber && number < inUse) return `${plural(inUse, 'server')} that somebody has are not stopped.`;
  return 'Servers that somebody has are not stopped.';
}
