/** Why a fleet is as large as it is: the decision of now in a sentence, the policy that made it, and those before. */
import type { AdminError, Fleet, Scaling } from '@horizon-atlas/sdk-admin';
import { clock, date, duration, ms, percent, plural, rate, shown, span, whole } from '../format.ts';
import { Refusal } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Icon } from '../parts/icons.tsx';
import { useAsked } from '../parts/use-list.ts';
import { admin } from '../store/atlas.ts';

/** A fleet that the configuration does not know any more has no policy, and ends. */
export function FleetSize({ fleet }: { fleet: Fleet }) {
  return fleet.policy === null ? <Sizing fleet={fleet} /> : <ByPolicy fleet={fleet} />;
}

function ByPolicy({ fleet }: { fleet: Fleet }) {
  const [asked] = useAsked(() => admin.scaling(fleet.name), 5000, fleet.name);
  return (
    <Sizing
      fleet={fleet}
      scaling={asked.state === 'here' ? asked.value : undefined}
      error={asked.state === 'refused' ? asked.error : undefined}
    />
  );
}

function Sizing({ fleet, scaling, error }: { fleet: Fleet; scaling?: Scaling | undefined; error?: AdminError | undefined }) {
  return (
    <section class="panel sizing" aria-label="Why it is this large">
      <header class="panel-head">
        <h2>Why it is this large</h2>
        <span class="quiet">{fleet.policy === null ? '' : `${fleet.policy} policy`}</span>
      </header>
      <div class="card-body">
        <Now fleet={fleet} scaling={scaling} />
        {scaling && <Terms scaling={scaling} />}
        {scaling?.webhooks.map((webhook) => (
          <Webhook webhook={webhook} key={webhook.url} />
        ))}
      </div>
      {scaling && <Decisions scaling={scaling} />}
      {error && <Refusal error={error} />}
    </section>
  );
}

/** A number that somebody set stands above a policy. */
function Now({ fleet, scaling }: { fleet: Fleet; scaling: Scaling | undefined }) {
  const now = scaling?.now;
  const held = limitText(fleet, now?.to);
  if (fleet.held !== null)
    return (
      <>
        <p class="size-now">
          <strong>{plural(fleet.replicas, 'server')}</strong> <span>An operator holds it at this size until it is let go.</span>
        </p>
        {now && (
          <p class="quiet">
            Its policy would ask for {whole(now.wished)}: {shown(now.why, '')}
          </p>
        )}
      </>
    );
  return (
    <>
      <p class="size-now">
        <strong>{plural(now?.to ?? fleet.replicas, 'server')}</strong> <span>{now ? shown(now.why, '') : ''}</span>
      </p>
      {now && now.downAtMs > 0 && (
        <p class="quiet">
          {now.downAtMs > nowMs.value
            ? `${whole(now.wished)} in ${duration(now.downAtMs - nowMs.value)}, if nothing changes until then.`
            : `${whole(now.wished)} as soon as servers are free.`}
        </p>
      )}
      {held !== '' && <p class="quiet">{held}</p>}
    </>
  );
}

function limitText({ min, max, replicas }: Fleet, to: number | undefined): string {
  if (to === undefined || to === replicas) return '';
  return replicas === max || replicas === min
    ? `Held at ${whole(replicas)} by the fleet’s own limits, ${whole(min)} to ${whole(max)}.`
    : `It has ${whole(replicas)} now.`;
}

function Terms({ scaling: { policy, downAfterMs, downKeep } }: { scaling: Scaling }) {
  return (
    <details class="terms">
      <summary>The policy</summary>
      <pre class="data" tabIndex={0}>
        {JSON.stringify(policy, null, 2).slice(0, 20_000)}
      </pre>
      <p class="quiet">
        More at once; fewer once that has been wanted for {span(downAfterMs)}, and at least {percent(downKeep)} stay ready.
      </p>
    </details>
  );
}

function Webhook({ webhook: { url, replicas, answeredAtMs, trouble } }: { webhook: Scaling['webhooks'][number] }) {
  return (
    <p class={trouble === '' ? 'quiet' : 'refusal'}>
      {trouble !== '' && <Icon name="warn" />}
      <span>
        <bdi>{shown(url)}</bdi>{' '}
        {trouble !== ''
          ? shown(trouble)
          : answeredAtMs === 0
            ? 'has not answered yet.'
            : `said ${replicas === null ? 'that it may stay' : whole(replicas)} at ${clock(answeredAtMs)}.`}
      </span>
    </p>
  );
}

function Decisions({ scaling: { decisions } }: { scaling: Scaling }) {
  if (decisions.length === 0) return <p class="panel-quiet quiet">It has not been changed by the policy yet.</p>;
  return (
    <ol class="decisions" tabIndex={0} aria-label="Decisions, newest first">
      {decisions.map(({ atMs, from, to, why, seen }) => (
        <li key={`${atMs}-${from}-${to}`}>
          <time class="quiet" title={date(atMs)}>
            {clock(atMs)}
          </time>
          <span class={`figure ${to > from ? 'up' : 'down'}`}>
            {whole(from)} <span aria-hidden="true">→</span>
            <span class="unseen">to</span> {whole(to)}
          </span>
          <span>
            {shown(why, '')}{' '}
            <span class="quiet" title={seen.startMs > 0 ? `nearly every start took at most ${ms(seen.startMs)}` : undefined}>
              {whole(seen.inUse)} in use, {whole(seen.ready)} ready, {whole(seen.coming)} starting
              {seen.waiting > 0 ? `, ${whole(seen.waiting)} waiting` : ''}
              {seen.takenPerS > 0 ? `, ${rate(seen.takenPerS * 60)} taken a minute` : ''}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
