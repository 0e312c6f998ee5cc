/** Gateways: all of them, and one with its traffic, refusals and console. */
import type { Gateway } from '@horizon-atlas/sdk-admin';
import { bytes, duration, plural, rate, short, shortId, whole } from '../format.ts';
import { CpuMeter, Empty, Fact, Facts, Head, Meter, State, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Console } from '../parts/console.tsx';
import { Icon } from '../parts/icons.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { href } from '../route.ts';
import { gateways } from '../store/world.ts';
import { ProcessPlots } from './process-plots.tsx';
import { ProcessButtons } from './servers.tsx';

const refusals = (gateway: Gateway): number => gateway.refused.reduce((sum, each) => sum + each.count, 0);

const columns: readonly Column<Gateway>[] = [
  {
    name: 'Gateway',
    leads: true,
    cell: (row) => (
      <a href={href('gateways', row.id)} title={row.id}>
        {shortId(row.id)}
      </a>
    ),
  },
  { name: 'State', cell: (row) => <State state={row.state} /> },
  { name: 'Address', cell: (row) => <code>{row.url}</code> },
  { name: 'Connections', figure: true, cell: (row) => whole(row.connections) },
  { name: 'Sessions', figure: true, cell: (row) => whole(row.sessions) },
  { name: 'In / s', figure: true, cell: (row) => rate(row.messagesInPerS) },
  { name: 'Out / s', figure: true, cell: (row) => rate(row.messagesOutPerS) },
  { name: 'Refused', figure: true, cell: (row) => whole(refusals(row)) },
  {
    name: 'CPU',
    figure: true,
    cell: (row) => <CpuMeter part={row.cpu} />,
  },
  { name: 'Memory', figure: true, cell: (row) => bytes(row.memoryBytes) },
  { name: '', cell: (row) => <ProcessButtons process={row.id} compact /> },
];

export function GatewaysPage() {
  const list = gateways.value;
  return (
    <div class="page">
      <Head title="Gateways" aside={list && plural(list.length, 'gateway')} />
      {list === undefined && <Waiting label="Gateways are on their way" rows={3} />}
      {list?.length === 0 && (
        <Empty icon="gateways" title="No gateway runs">
          Without one nobody can join.
        </Empty>
      )}
      {list && list.length > 0 && <Table label="Gateways" columns={columns} rows={list} keyOf={(row) => row.id} />}
      {list && list.length > 0 && <Refusals title="Refused since the start" list={list} />}
    </div>
  );
}

export function GatewayPage({ id }: { id: string }) {
  const gateway = gateways.value?.find((each) => each.id === id);
  const back = { href: href('gateways'), label: 'All gateways' };
  if (!gateway)
    return (
      <div class="page">
        <Head title={id} back={back} />
        {gateways.value === undefined ? (
          <Waiting label="The gateway is on its way" />
        ) : (
          <Empty icon="gateways" title={`No gateway is called ${id}`} />
        )}
      </div>
    );
  return (
    <div class="page">
      <Head title={gateway.id} aside={<State state={gateway.state} />} back={back}>
        <ProcessButtons process={gateway.id} />
      </Head>
      {gateway.code && (
        <p class="notice bad">
          <Icon name="warn" /> {gateway.message} <code>{gateway.code}</code>
        </p>
      )}
      <Facts>
        <Fact label="Address">
          <code>{gateway.url}</code>
        </Fact>
        <Fact label="Connections">
          {whole(gateway.connections)} <span class="quiet">{plural(gateway.sessions, 'session')}</span>
        </Fact>
        <Fact label="Messages / s">
          {rate(gateway.messagesInPerS)} <span class="quiet">in</span> {rate(gateway.messagesOutPerS)}{' '}
          <span class="quiet">out</span>
        </Fact>
        <Fact label="In all">
          {bytes(gateway.bytesIn)} <span class="quiet">in</span> {bytes(gateway.bytesOut)} <span class="quiet">out</span>
        </Fact>
        <Fact label="Fenced frames">
          <span title="of former owners, dropped">{short(gateway.fenced)}</span>
        </Fact>
        <Fact label="Memory">{bytes(gateway.memoryBytes)}</Fact>
        <Fact label="Up">{duration(nowMs.value - gateway.startedAtMs)}</Fact>
        <Fact label="Process">
          {gateway.pid || '–'} <span class="quiet">{plural(gateway.restarts, 'restart')}</span>
        </Fact>
      </Facts>
      <ProcessPlots process={gateway.id} />
      <div class="columns">
        <Refusals title="Refused since its start" list={[gateway]} />
        <Console process={gateway.id} />
      </div>
    </div>
  );
}

function Refusals({ title, list }: { title: string; list: readonly Gateway[] }) {
  const counts = new Map<string, number>();
  for (const { refused } of list) for (const { code, count } of refused) counts.set(code, (counts.get(code) ?? 0) + count);
  const rows = [...counts].sort((a, b) => b[1] - a[1]);
  const most = rows[0]?.[1] ?? 1;
  return (
    <section class="panel refusals" aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        <span class="quiet">{whole(rows.reduce((sum, [, count]) => sum + count, 0))}</span>
      </header>
      {rows.length === 0 && <p class="panel-quiet quiet">Nothing was refused.</p>}
      <ul>
        {rows.map(([code, count]) => (
          <li key={code}>
            <code>{code}</code>
            <Meter part={(count / most) * 0.59} label={`${whole(count)} times`} />
            <span class="figure">{whole(count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
