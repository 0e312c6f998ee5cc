/**
 * Actions: first Atlas is asked what an action would do, then a person sees that and agrees or not, then it is done, once, however often one clicks.
 * One dialog for the whole page; what was focused before has the focus again after.
 */
import type { ActionResult, AdminError } from '@horizon-atlas/sdk-admin';
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { admin, session } from '../store/atlas.ts';
import { Icon } from './icons.tsx';
import { toast } from './toast.tsx';

export interface Act {
  readonly title: string;
  /** On the button, such as "Kill server". */
  readonly verb: string;
  readonly danger?: boolean;
  /** Text that goes along, such as the words to who is kicked; `choices`: one of which it has to be. */
  readonly asks?: { readonly label: string; readonly hint: string; readonly choices?: readonly string[] };
  /** What it does, where Atlas cannot be asked for that beforehand. */
  readonly effects?: readonly string[];
  readonly run: (options: { dryRun: boolean; idempotencyKey: string }, answer: string) => Promise<unknown>;
  readonly done: string;
}

const current = signal<Act | undefined>(undefined);

export function ask(act: Act): void {
  current.value = act;
}

export const mayOperate = (): boolean => session.value?.scopes.some((scope) => scope === 'operate' || scope === 'admin') ?? false;

const verbs = {
  kill: { title: 'Kill', verb: 'Kill now', danger: true, done: 'was killed' },
  drain: { title: 'Drain', verb: 'Drain', danger: false, done: 'drains' },
  restart: { title: 'Restart', verb: 'Restart', danger: false, done: 'restarts' },
} as const;

export function askProcess(kind: keyof typeof verbs, process: string): void {
  const { title, verb, danger, done } = verbs[kind];
  ask({
    title: `${title} ${process}?`,
    verb,
    danger,
    done: `${process} ${done}`,
    run: (options) => admin[kind](process, options),
  });
}

export function askKick(player: string, name: string): void {
  ask({
    title: `Kick ${name}?`,
    verb: 'Kick player',
    danger: true,
    asks: { label: 'What they are told', hint: 'removed by an operator' },
    done: `${name} was removed`,
    run: (options, message) => admin.kick(player, message === '' ? options : { ...options, message }),
  });
}

export function askMove(player: string, name: string, x: number, y: number): void {
  ask({
    title: `Move ${name}?`,
    verb: 'Move player',
    done: `${name} is being moved`,
    run: (options) => admin.move(player, { x, y }, options),
  });
}

export function ActDialog() {
  return current.value ? <Open act={current.value} /> : null;
}

type Known = { state: 'asking' } | { state: 'known'; effects: readonly string[] } | { state: 'refused'; error: AdminError };

const close = (): void => {
  current.value = undefined;
};

function Open({ act }: { act: Act }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [known, setKnown] = useState<Known>(act.effects ? { state: 'known', effects: act.effects } : { state: 'asking' });
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState('');
  const [key] = useState(() => crypto.randomUUID?.() ?? String(Math.random()).slice(2));
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    if (!act.effects)
      act.run({ dryRun: true, idempotencyKey: `${key}-dry` }, '').then(
        (result) => setKnown({ state: 'known', effects: (result as ActionResult).effects }),
        (error: AdminError) => setKnown({ state: 'refused', error }),
      );
    // Who goes to another page, by the back button for one, has thought better of it.
    addEventListener('hashchange', close);
    return () => {
      removeEventListener('hashchange', close);
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      else document.querySelector<HTMLElement>('main h1')?.focus();
    };
  }, [act, key]);
  const go = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || known.state !== 'known') return;
    setBusy(true);
    try {
      await act.run({ dryRun: false, idempotencyKey: key }, answer);
      toast('good', act.done);
      close();
    } catch (error) {
      setKnown({ state: 'refused', error: error as AdminError });
      setBusy(false);
    }
  };
  return (
    <dialog class="dialog" ref={dialog} onClose={close} aria-labelledby="act-title" aria-describedby="act-effects">
      <form method="dialog" onSubmit={go}>
        <h2 id="act-title">
          <bdi>{act.title}</bdi>
        </h2>
        <div id="act-effects" class="effects" aria-live="polite">
          <Effects known={known} />
        </div>
        {act.asks && known.state === 'known' && <Question asks={act.asks} answer={answer} onAnswer={setAnswer} />}
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={close}>
            {known.state === 'refused' ? 'Close' : 'Cancel'}
          </button>
          <button type="submit" class={`button ${act.danger ? 'danger' : 'primary'}`} disabled={busy || known.state !== 'known'}>
            {busy ? 'Under way…' : act.verb}
          </button>
        </div>
      </form>
    </dialog>
  );
}

interface QuestionOf {
  readonly asks: NonNullable<Act['asks']>;
  readonly answer: string;
  readonly onAnswer: (answer: string) => void;
}

/** A text, with a list of what it may be where that is known. */
function Question({ asks: { label, hint, choices }, answer, onAnswer }: QuestionOf) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        value={answer}
        placeholder={hint}
        maxLength={200}
        list={choices && 'act-choices'}
        required={choices !== undefined}
        onInput={(event) => onAnswer(event.currentTarget.value)}
      />
      {choices && (
        <datalist id="act-choices">
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
    </label>
  );
}

function Effects({ known }: { known: Known }) {
  if (known.state === 'asking') return <p class="quiet">Asking Atlas what this would do…</p>;
  if (known.state === 'refused')
    return (
      <p class="refusal">
        <Icon name="warn" />
        <span>
          {known.error.message} <code>{known.error.code}</code>
        </span>
      </p>
    );
  if (known.effects.length === 0) return <p>No player notices.</p>;
  return (
    <ul>
      {known.effects.map((effect) => (
        <li key={effect}>
          <bdi>{effect}</bdi>
        </li>
      ))}
    </ul>
  );
}
