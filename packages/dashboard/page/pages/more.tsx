/** On a phone: the views that the bar below has no room for. */
import { Head } from '../parts/bits.tsx';
import { Icon } from '../parts/icons.tsx';
import { rare } from '../parts/sections.ts';
import { href } from '../route.ts';

export function MorePage() {
  return (
    <div class="page">
      <Head title="More" />
      <ul class="more">
        {rare.value.map(({ page, label, icon }) => (
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
