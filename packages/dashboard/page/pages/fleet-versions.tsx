/** The versions of one fleet: how far it is from one to the other, and what can be done about that, with what it would do to players. */
import type { AdminError, Fleet, Rollout } from '@horizon-atlas/sdk-admin';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ago, clipped, date, duration, plural, shown, whole } from '../format.ts';
import { ask, mayOperate } from '../parts/act.tsx';
import { Refusal } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { environmentOf } from '../parts/environment.ts';
import { Icon, type IconName } from '../parts/icons.tsx';
import { toast } from '../parts/toast.tsx';
import { useAsked } from '../parts/use-list.ts';
import { admin } from '../store/atlas.ts';

export function FleetVersions({ fleet }: { fleet: Fleet }) {
  const [asked, again] = useAsked(() => admin.rollout(fleet.name), 2000, fleet.name);
  const [makes, setMakes] = useState(false);
  if (asked.state !== 'here') return null;
  const rollout = asked.value;
  const acts = mayOperate() ? actsOf(rollout) : [];
  return (
    <section class="panel rollout" aria-label="Versions">
      <header class="panel-head">
        <h2>Versions</h2>
        <span class="quiet">{phaseText(rollout)}</span>
      </header>
      <div class="card-body">
        {rollout.why !== '' && (
          <p class="notice">
            <Icon name="warn" /> <bdi>{clipped(shown(rollout.why), 600)}</bdi>
          </p>
        )}
        <Progress rollout={rollout} />
        <Tried rollout={rollout} />
      </div>
      {mayOperate() && (
        <div class="panel-tools">
          {acts.map((act) => (
            <button
              type="button"
              class={`button ${act.danger ? 'danger-quiet' : ''}`}
              key={act.label}
              onClick={() => askFor(act, again)}
            >
              <Icon name={act.icon} /> {act.label}
            </button>
          ))}
          <button type="button" class="button" onClick={() => setMakes(true)}>
            <Icon name="plus" /> New version
          </button>
        </div>
      )}
      <Known rollout={rollout} again={again} />
      {makes && <NewVersion rollout={rollout} onClose={() => setMakes(false)} again={again} />}
    </section>
  );
}

function phaseText({ phase, paused, sinceMs, trialUntilMs, former }: Rollout): string {
  const since = sinceMs > 0 ? `, begun ${ago(sinceMs, nowMs.value)}` : '';
  if (paused) return `${phase === 'canary' ? 'its trial is' : 'the rollout is'} paused${since}`;
  if (phase === 'canary')
    return trialUntilMs > 0 ? `on trial for another ${duration(trialUntilMs - nowMs.value)}` : `on trial${since}`;
  if (phase === 'rolling') return `rolling out${since}`;
  if (former.inUse > 0) return `rolled out; ${plural(former.inUse, 'session')} of the former version goes on`;
  return sinceMs > 0 ? `rolled out ${ago(sinceMs, nowMs.value)}` : 'all of one version';
}

const parts = [
  { id: 'inUse', key: 'inUse', label: 'in use' },
  { id: 'ready', key: 'ready', label: 'ready' },
  { id: 'coming', key: 'coming', label: 'starting' },
] as const;

/** A bar for each of the two versions, on one scale. */
function Progress({ rollout: { version, previous, next, former } }: { rollout: Rollout }) {
  const sum = (of: Rollout['next']): number => of.inUse + of.ready + of.coming;
  const most = Math.max(1, sum(next), sum(former));
  const rows = [{ name: version, of: next, what: 'what new servers run' }];
  if (sum(former) > 0) rows.push({ name: previous || 'former ones', of: former, what: 'the version before' });
  return (
    <ul class="version-bars">
      {rows.map(({ name, of, what }) => {
        let x = 0;
        const words = parts.flatMap(({ key, label }) => (of[key] > 0 ? [`${whole(of[key])} ${label}`] : []));
        return (
          <li key={what}>
            <bdi title={`${shown(name)}: ${what}`}>{clipped(shown(name), 40)}</bdi>
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
              <rect class="states-ground" width="100" height="6" />
              {parts.map(({ id, key }) => {
                const [from, width] = [x, (100 * of[key]) / most];
                x += width;
                return width > 0 && <rect key={id} class={`of-${id}`} x={from} width={width} height="6" />;
              })}
            </svg>
            <span class="quiet">{words.join(', ') || 'none'}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Tried({ rollout: { phase, version, started, failed, refused } }: { rollout: Rollout }) {
  if (phase === 'steady' && refused === '') return null;
  return (
    <p class="quiet">
      {phase !== 'steady' && (
        <>
          {plural(started, 'server')} of {version} started
          {failed > 0 ? (
            <>
              , <span class="bad-text">{whole(failed)} failed</span>
            </>
          ) : (
            ', none failed'
          )}
          .{' '}
        </>
      )}
      {refused !== '' && `Version ${refused} was given up by itself.`}
    </p>
  );
}

interface RolloutAct {
  readonly label: string;
  readonly icon: IconName;
  readonly danger?: boolean;
  readonly title: string;
  readonly effects: readonly string[];
  readonly done: string;
  readonly run: () => Promise<Rollout>;
}

function actsOf(rollout: Rollout): readonly RolloutAct[] {
  const { fleet, version, previous, phase, paused, next, former } = rollout;
  const goesOn =
    next.inUse > 0 ? [`${plural(next.inUse, 'session')} on ${version} goes on to its end; nobody is disconnected.`] : [];
  if (phase === 'steady')
    return previous === ''
      ? []
      : [
          {
            label: 'Roll back',
            icon: 'back',
            title: `Roll ${fleet} back to ${previous}?`,
            effects: [
              `Servers of ${previous} come up, and those of ${version} that nobody has go as they are ready.`,
              ...(goesOn.length > 0 ? goesOn : ['Nobody plays on it now: no player notices.']),
            ],
            done: `${fleet} goes back to ${previous}`,
            run: () => admin.rollBackFleet(fleet),
          },
        ];
  const pause: RolloutAct = {
    label: 'Pause',
    icon: 'pause',
    title: `Pause the rollout of ${version}?`,
    effects: [
      `No more servers of ${version} come, and none of ${previous || 'the former version'} goes.`,
      'No player notices: both versions give places to new sessions meanwhile.',
    ],
    done: `The rollout of ${version} is paused`,
    run: () => admin.pauseRollout(fleet),
  };
  const resume: RolloutAct = {
    label: 'Resume',
    icon: 'play',
    title: `Let the rollout of ${version} go on?`,
    effects: [
      phase === 'canary' ? 'Its trial lasts its time anew.' : `Servers of ${version} take the place of those that nobody has.`,
      former.inUse > 0
        ? `${plural(former.inUse, 'session')} on the former version goes on to its end; nobody is disconnected.`
        : 'Nobody plays on the former version.',
    ],
    done: `The rollout of ${version} goes on`,
    run: () => admin.resumeRollout(fleet),
  };
  const abort: RolloutAct = {
    label: 'Abort',
    icon: 'close',
    danger: true,
    title: `Abort the rollout of ${version}?`,
    effects: [`${previous} takes its place again: servers of ${version} that nobody has are stopped.`, ...goesOn],
    done: `${fleet} goes back to ${previous}`,
    run: () => admin.rollBackFleet(fleet),
  };
  return [paused ? resume : pause, ...(previous === '' ? [] : [abort])];
}

function askFor({ title, label, danger, effects, done, run }: RolloutAct, again: () => void): void {
  ask({
    title,
    verb: label,
    danger: danger === true,
    effects,
    done,
    run: async () => {
      await run();
      again();
    },
  });
}

/** Those whose program is known, newest first. */
function Known({ rollout, again }: { rollout: Rollout; again: () => void }) {
  const { fleet, revisions, version } = rollout;
  if (revisions.length < 2) return null;
  const go = (to: string): RolloutAct => ({
    label: 'Roll out',
    icon: 'forward',
    title: `Roll ${fleet} out to ${to}?`,
    effects: rolloutEffects(rollout, to),
    done: `${fleet} is rolled out to ${to}`,
    run: () => admin.changeFleet(fleet, { version: to }),
  });
  return (
    <ul class="versions" aria-label="Known versions">
      {revisions.map(({ version: each, atMs }) => (
        <li key={each}>
          <bdi>{clipped(shown(each), 60)}</bdi>
          <time class="quiet" title={date(atMs)}>
            {ago(atMs, nowMs.value)}
          </time>
          {each === version ? (
            <span class="quiet version-now">runs</span>
          ) : (
            mayOperate() && (
              <button type="button" class="button small" onClick={() => askFor(go(each), again)}>
                Roll out<span class="unseen"> {each}</span>
              </button>
            )
          )}
        </li>
      ))}
    </ul>
  );
}

function rolloutEffects({ version, next, former }: Rollout, to: string): readonly string[] {
  const inUse = next.inUse + former.inUse;
  return [
    `Servers of ${to} come up beside those of ${version}, which go as nobody has them.`,
    inUse > 0
      ? `${plural(inUse, 'session')} that ${inUse === 1 ? 'is' : 'are'} played now ${inUse === 1 ? 'goes' : 'go'} on to the end; nobody is disconnected.`
      : 'Nobody plays on it now: no player notices.',
  ];
}

/** The same program under a new name, with what is to be otherwise in its environment. */
function NewVersion({ rollout, onClose, again }: { rollout: Rollout; onClose: () => void; again: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [version, setVersion] = useState('');
  const [lines, setLines] = useState('');
  const [error, setError] = useState<AdminError | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  const env = environmentOf(lines);
  const good = version.trim() !== '' && env !== undefined;
  const begin = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!good || busy) return;
    setBusy(true);
    try {
      await admin.changeFleet(rollout.fleet, { version: version.trim(), ...(Object.keys(env).length > 0 ? { env } : {}) });
      toast('good', `${rollout.fleet} is rolled out to ${version.trim()}`);
      again();
      onClose();
    } catch (caught) {
      setError(caught as AdminError);
      setBusy(false);
    }
  };
  return (
    <dialog class="dialog" ref={dialog} onClose={onClose} aria-labelledby="version-title">
      <form onSubmit={begin}>
        <h2 id="version-title">A new version of {rollout.fleet}</h2>
        <label class="field">
          <span>Version</span>
          <input
            value={version}
            maxLength={128}
            placeholder={rollout.version}
            onInput={(event) => setVersion(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Environment that is to be otherwise, NAME=value a line</span>
          <textarea rows={3} value={lines} spellcheck={false} onInput={(event) => setLines(event.currentTarget.value)} />
        </label>
        <div class="effects" aria-live="polite">
          {env === undefined ? (
            <p class="bad-text">Each line is NAME=value.</p>
          ) : (
            <ul>
              <li>It runs the present program as it lies there now, with what is written above.</li>
              {rolloutEffects(rollout, version.trim() || 'the new version').map((effect) => (
                <li key={effect}>{effect}</li>
              ))}
            </ul>
          )}
        </div>
        {error && <Refusal error={error} />}
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={!good || busy}>
            Roll out
          </button>
        </div>
      </form>
    </dialog>
  );
}
