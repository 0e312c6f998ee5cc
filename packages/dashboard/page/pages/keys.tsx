/** API keys: who has one, new ones with their secret shown once, and taking them back. */
import type { AdminError, Key, NewKey, Scope } from '@horizon-atlas/sdk-admin';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ago, date, whole } from '../format.ts';
import { Empty, Head, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Icon } from '../parts/icons.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { toast } from '../parts/toast.tsx';
import { allOf, useAsked } from '../parts/use-list.ts';
import { admin } from '../store/atlas.ts';

const scopes: readonly { id: Scope; tells: string }[] = [
  { id: 'read', tells: 'sees everything but keys and the audit log' },
  { id: 'operate', tells: 'also kills, drains, restarts, moves and kicks' },
  { id: 'admin', tells: 'also has keys and the audit log' },
];

export function KeysPage() {
  const [asked, again] = useAsked(() => allOf((query) => admin.keys(query)));
  const [open, setOpen] = useState<'' | 'new' | Key>('');
  const columns: readonly Column<Key>[] = [
    { name: 'Name', leads: true, cell: (row) => <code>{row.name}</code> },
    { name: 'May', cell: (row) => row.scopes.join(', ') },
    { name: 'Made', cell: (row) => <span title={date(row.createdAtMs)}>{ago(row.createdAtMs, nowMs.value)}</span> },
    { name: 'By', cell: (row) => row.createdBy },
    { name: 'Last used', cell: (row) => (row.lastUsedAtMs === null ? 'never' : ago(row.lastUsedAtMs, nowMs.value)) },
    {
      name: '',
      cell: (row) => (
        <div class="buttons">
          <button type="button" class="button small danger-quiet" onClick={() => setOpen(row)}>
            Delete
          </button>
        </div>
      ),
    },
  ];
  const close = (): void => {
    setOpen('');
    again();
  };
  return (
    <div class="page">
      <Head title="Keys" aside={asked.state === 'here' && whole(asked.value.length)}>
        <button type="button" class="button primary" onClick={() => setOpen('new')}>
          <Icon name="plus" size={14} /> New key
        </button>
      </Head>
      {asked.state === 'waiting' && <Waiting label="Keys are on their way" rows={3} />}
      {asked.state === 'refused' && (
        <Empty icon="warn" title={asked.error.message}>
          <code>{asked.error.code}</code>
        </Empty>
      )}
      {asked.state === 'here' && asked.value.length === 0 && (
        <Empty icon="keys" title="There is no key yet">
          Programs use one to talk to the API; people on this machine need none.
        </Empty>
      )}
      {asked.state === 'here' && asked.value.length > 0 && (
        <Table label="Keys" columns={columns} rows={asked.value} keyOf={(row) => row.name} />
      )}
      {open === 'new' && <NewKeyDialog onClose={close} />}
      {typeof open === 'object' && <DeleteDialog name={open.name} onClose={close} />}
    </div>
  );
}

function useModal() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return dialog;
}

function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const dialog = useModal();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('read');
  const [made, setMade] = useState<NewKey | undefined>(undefined);
  const [error, setError] = useState<AdminError | undefined>(undefined);
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      // A scope contains those below it.
      const upTo = scopes.findIndex(({ id }) => id === scope);
      setMade(
        await admin.createKey(
          name.trim(),
          scopes.slice(0, upTo + 1).map(({ id }) => id),
        ),
      );
    } catch (caught) {
      setError(caught as AdminError);
    }
  };
  return (
    <dialog class="dialog" ref={dialog} onClose={onClose} aria-labelledby="key-title">
      {made ? (
        <Secret made={made} onClose={onClose} />
      ) : (
        <form onSubmit={make}>
          <h2 id="key-title">New key</h2>
          <label class="field">
            <span>Name</span>
            <input
              value={name}
              required
              pattern="[A-Za-z0-9][A-Za-z0-9_\-]{0,63}"
              title="1 to 64 letters, digits, - and _"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <fieldset class="choices">
            <legend>It may</legend>
            {scopes.map(({ id, tells }) => (
              <label key={id}>
                <input type="radio" name="scope" checked={scope === id} onChange={() => setScope(id)} />
                <span>
                  <strong>{id}</strong> <span class="quiet">{tells}</span>
                </span>
              </label>
            ))}
          </fieldset>
          {error && (
            <p class="refusal" role="alert">
              <Icon name="warn" />
              <span>
                {error.message} <code>{error.code}</code>
              </span>
            </p>
          )}
          <div class="dialog-buttons">
            <button type="button" class="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" class="button primary">
              Make key
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}

function Secret({ made, onClose }: { made: NewKey; onClose: () => void }) {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(made.secret);
      toast('good', 'The secret is copied');
    } catch {
      toast('bad', 'This browser does not let the page copy: select the text');
    }
  };
  return (
    <>
      <h2 id="key-title">Key {made.name}</h2>
      <p>This is its secret. It is shown this once: Atlas keeps only a hash of it.</p>
      <p class="secret">
        <code>{made.secret}</code>
        <button type="button" class="icon-button" aria-label="Copy the secret" title="Copy" onClick={() => void copy()}>
          <Icon name="copy" />
        </button>
      </p>
      <div class="dialog-buttons">
        <button type="button" class="button primary" onClick={onClose}>
          I have it
        </button>
      </div>
    </>
  );
}

function DeleteDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const dialog = useModal();
  const [error, setError] = useState<AdminError | undefined>(undefined);
  const remove = async (): Promise<void> => {
    try {
      await admin.deleteKey(name);
      toast('good', `Key ${name} opens nothing any more`);
      onClose();
    } catch (caught) {
      setError(caught as AdminError);
    }
  };
  return (
    <dialog class="dialog" ref={dialog} onClose={onClose} aria-labelledby="delete-title">
      <h2 id="delete-title">Delete key {name}?</h2>
      <p>Programs that use it are refused from then on. Open streams of theirs end.</p>
      {error && (
        <p class="refusal" role="alert">
          {error.message} <code>{error.code}</code>
        </p>
      )}
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="button danger" onClick={() => void remove()}>
          Delete key
        </button>
      </div>
    </dialog>
  );
}
