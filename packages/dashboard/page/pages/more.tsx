/** On a phone: the views that the bar below has no room for. */
import { Head } from '../parts/bits.tsx';
import { Icon } from '../parts/icons.tsx';
import { href } from '../route.ts';
import { rare } from '../shell.tsx';
import { session } from '../store/atlas.ts';

export function MorePage() {
  const admin = session.value?.scopes.includes('admin') ?? false;
  const shown = rare.filter(({ page }) => admin || (page !== 'audit' && page !== 'keys'));
  return (
    <div class="page">
      <Head title="More" />
      <ul class="more">
        {shown.map(({ page, label, icon }) => (
          <li key={page}>
            <a href={href(page)}>
              <Icon name={icon} size={20} />
              {label}
              <Icon name="forward" />
            </a>
          </li>
        ))}
        <li>
          <a href="/docs">
            <Icon name="events" size={20} />
            API
            <Icon name="forward" />
          </a>
        </li>
      </ul>
    </div>
  );
}
