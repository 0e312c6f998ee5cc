/** Fleets of game servers: how many wait, how many are in use, how fast they start, and what goes wrong with them. */
import type { Fleet } from '@horizon-atlas/sdk-admin';
import { ms, plural, short, whole } from '../format.ts';
import { Empty, Head, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { StatesBar } from '../parts/fleet-bits.tsx';
import { Icon } from '../parts/icons.tsx';
import { href } from '../route.ts';
import { fleets } from '../store/fleets.ts';
import { grouped } from '../store/server-groups.ts';
import { Figure } from './queues.tsx';

export function FleetsPage() {
  const list = fleets.value;
  const inUse = list?.reduce((sum, fleet) => sum + fleet.inUse, 0) ?? 0;
  return (
    <div class="page">
      <Head title="Fleets" aside={list && list.length > 0 && `${plural(inUse, 'server')} in use`} />
      {list === undefined && <Waiting label="Fleets are on their way" />}
      {list?.length === 0 && (
        <Empty icon="fleets" title="This Atlas has no fleets">
          They are declared in the configuration, under <code>fleets</code>.
        </Empty>
      )}
      <ul class="cards">
        {(list ?? []).map((fleet) => (
          <FleetCard fleet={fleet} key={fleet.name} />
        ))}
      </ul>
    </div>
  );
}

function FleetCard({ fleet }: { fleet: Fleet }) {
  const { name, version, inUse, replicas, min, max, waiting, startMs, trouble } = fleet;
  const ready = grouped(fleet.states)[1] ?? 0;
  return (
    <li class="panel card">
      <header class="panel-head">
        <h2>
          <a href={href('fleets', name)}>{name}</a>
        </h2>
        <span class="quiet">version {version}</span>
      </header>
      <div class="card-body">
        <StatesBar fleet={fleet} />
      </div>
      <dl class="card-figures">
        <Figure label="in use" value={short(inUse)} more="" />
        <Figure label="ready" value={short(ready)} more={fleet.warm === null ? '' : `${whole(fleet.warm)} wanted`} />
        <Figure label="in all" value={short(replicas)} more={`${whole(min)} to ${whole(max)}`} />
        <Figure label="waiting" value={short(waiting)} more="" />
        <Figure label="start" value={ms(startMs?.p50)} more={startMs ? `p99 ${ms(startMs.p99)}` : ''} />
      </dl>
      {trouble && <Trouble trouble={trouble} />}
    </li>
  );
}

export function Trouble({ trouble: { code, message, againAtMs } }: { trouble: NonNullable<Fleet['trouble']> }) {
  const inMs = againAtMs - nowMs.value;
  return (
    <p class="card-why refusal">
      <Icon name="warn" />
      <span>
        <bdi>{message}</bdi> <code>{code}</code>{' '}
        <span class="quiet">{inMs > 0 ? `It is tried again in ${ms(inMs)}.` : 'It is being tried again.'}</span>
      </span>
    </p>
  );
}
