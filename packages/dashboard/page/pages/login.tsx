/** Who comes from outside says who they are: with the admin token or a key, or by the organisation's own login. */
import type { AdminError } from '@horizon-atlas/sdk-admin';
import { useState } from 'preact/hooks';
import { shown } from '../format.ts';
import { Icon } from '../parts/icons.tsx';
import { login, session } from '../store/atlas.ts';

export function LoginPage() {
  const [token, setToken] = useState('');
  const [error, setError] = useState<AdminError | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const enter = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await login(token.trim());
    } catch (caught) {
      setError(caught as AdminError);
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <form class="login-card" onSubmit={enter}>
        <h1>Horizon Atlas</h1>
        <p class="quiet">
          <bdi>{shown(session.value?.name ?? '', 'This Atlas')}</bdi> wants to know who you are.
        </p>
        {session.value?.login === 'oidc' && (
          <>
            <a
              class="button primary wide"
              href={`/api/v1/auth/login?return=${encodeURIComponent(location.pathname + location.search + location.hash)}`}
            >
              Log in with your organisation
            </a>
            <p class="login-or quiet">or</p>
          </>
        )}
        <label class="field">
          <span>Admin token or key</span>
          <input
            type="password"
            autocomplete="current-password"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        {error && (
          <p class="refusal" role="alert">
            <Icon name="warn" />
            <span>
              {error.message} <code>{error.code}</code>
            </span>
          </p>
        )}
        <button
          type="submit"
          class={`button wide ${session.value?.login === 'oidc' ? '' : 'primary'}`}
          disabled={busy || token.trim() === ''}
        >
          {busy ? 'One moment…' : 'Log in'}
        </button>
        <p class="quiet login-hint">
          The admin token is in the configuration, or in the file <code>admin-token</code> of Atlas's data directory.
        </p>
      </form>
    </main>
  );
}
