/** What a process printed, and what it prints now. Follows the end until one scrolls up; what programs print is text and nothing else. */
import type { AdminError, LogLine } from '@horizon-atlas/sdk-admin';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { clock } from '../format.ts';
import { admin } from '../store/atlas.ts';
import { Icon } from './icons.tsx';
import { type Said, said } from './log-line.ts';

const limits = { backlog: 200, kept: 1000, tellMs: 100 } as const;

type Ending = 'running' | 'ended' | AdminError;

export interface ConsoleProps {
  readonly process: string;
  /** Types a line at it; absent: it reads nothing, or this person may not. Rejects with `AdminError`. */
  readonly onType?: ((line: string) => Promise<void>) | undefined;
}

export function Console({ process, onType }: ConsoleProps) {
  const [lines, setLines] = useState<readonly (Said & { key: number })[] | undefined>(undefined);
  const [ending, setEnding] = useState<Ending>('running');
  const [text, setText] = useState('');
  const [follows, setFollows] = useState(true);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => follow(process, setLines, setEnding), [process]);
  const wanted = text.trim().toLowerCase();
  const shown = (lines ?? []).filter((line) => wanted === '' || line.text.toLowerCase().includes(wanted));
  // Whenever lines have come
  useLayoutEffect(() => {
    if (follows && place.current) place.current.scrollTop = place.current.scrollHeight;
  }, [lines, follows, wanted]);
  const onScroll = (): void => {
    const element = place.current;
    if (element) setFollows(element.scrollHeight - element.scrollTop - element.clientHeight < 24);
  };
  return (
    <section class="panel console" aria-label="Console">
      <header class="panel-head">
        <h2>Console</h2>
        <input
          type="search"
          class="input"
          placeholder="Filter lines"
          aria-label="Filter lines"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button
          type="button"
          class={`button small ${follows ? 'on' : ''}`}
          aria-pressed={follows}
          onClick={() => setFollows(!follows)}
        >
          Follow
        </button>
      </header>
      <div
        class="console-lines"
        ref={place}
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-label={`Output of ${process}`}
        aria-live="off"
      >
        {lines === undefined && <p class="quiet">Reading…</p>}
        {lines?.length === 0 && typeof ending === 'string' && <p class="quiet">It has printed nothing yet.</p>}
        {shown.map((line) => (
          <p key={line.key} class={`log ${line.tone}`}>
            <time>{line.atMs === null ? '' : clock(line.atMs, true)}</time>
            <span>{line.text}</span>
          </p>
        ))}
        {ending === 'ended' && <p class="quiet">The process has ended.</p>}
        {typeof ending === 'object' && (
          <p class="log bad">
            <span>
              {ending.message} ({ending.code})
            </span>
          </p>
        )}
      </div>
      {onType && <Typing process={process} onType={onType} />}
    </section>
  );
}

const typing = { lineMost: 1000, remembered: 50 } as const;

/** A line for a server's console. Arrow up and down go through those of before, as in a terminal. */
function Typing({ process, onType }: { process: string; onType: (line: string) => Promise<void> }) {
  const [line, setLine] = useState('');
  const [error, setError] = useState<AdminError | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const before = useRef<string[]>([]);
  const at = useRef(0);
  const type = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (line.trim() === '' || busy) return;
    setBusy(true);
    try {
      await onType(line);
      before.current = [...before.current.filter((each) => each !== line), line].slice(-typing.remembered);
      at.current = before.current.length;
      setLine('');
      setError(undefined);
    } catch (caught) {
      setError(caught as AdminError);
    }
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (step === 0 || before.current.length === 0) return;
    event.preventDefault();
    at.current = Math.min(Math.max(at.current + step, 0), before.current.length);
    setLine(before.current[at.current] ?? '');
  };
  return (
    <form class="console-typing" onSubmit={type}>
      <label>
        <span aria-hidden="true">&gt;</span>
        <input
          value={line}
          maxLength={typing.lineMost}
          placeholder="Type a command"
          aria-label={`A line for the console of ${process}`}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={(event) => setLine(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="button small" disabled={busy || line.trim() === ''}>
          Send
        </button>
      </label>
      {error && (
        <p class="refusal" role="alert">
          <Icon name="warn" />
          <span>
            {error.message} <code>{error.code}</code>
          </span>
        </p>
      )}
    </form>
  );
}

function follow(
  process: string,
  show: (lines: readonly (Said & { key: number })[]) => void,
  end: (ending: Ending) => void,
): () => void {
  let kept: (Said & { key: number })[] = [];
  let [key, stopped] = [0, false];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = (): void => {};
  const take = (line: LogLine): void => {
    kept.push({ ...said(line), key: key++ });
    timer ??= setTimeout(() => {
      timer = undefined;
      kept = kept.slice(-limits.kept);
      show([...kept]);
    }, limits.tellMs);
  };
  end('running');
  admin.logs(process, limits.backlog).then(
    (backlog) => {
      if (stopped) return;
      for (const line of backlog) take(line);
      if (backlog.length === 0) show([]);
      stop = admin.followLogs(process, take, (error) => !stopped && end(error ?? 'ended'));
    },
    (error: AdminError) => {
      show([]);
      end(error);
    },
  );
  return () => {
    stopped = true;
    clearTimeout(timer);
    stop();
  };
}
