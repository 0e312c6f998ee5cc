/** What a list is narrowed by: words, and choices of one of a few. Its page keeps them in its address. */
import type { ComponentChildren } from 'preact';
import { whole } from '../format.ts';
import { requery } from '../route.ts';
import { Empty } from './bits.tsx';
import { Icon } from './icons.tsx';

export function Filters({ children }: { children: ComponentChildren }) {
  return <div class="filters">{children}</div>;
}

interface SearchProps {
  readonly placeholder: string;
  /** The placeholder, if it is not given. */
  readonly label?: string;
  readonly value: string;
  readonly set: (value: string) => void;
}

export function Search({ placeholder, label = placeholder, value, set }: SearchProps) {
  return (
    <label class="search">
      <Icon name="search" />
      <input
        type="search"
        placeholder={placeholder}
        aria-label={label}
        value={value}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  /** What an empty value says; none, if one of the options has to be chosen. */
  readonly any?: string;
  readonly options: readonly (string | { readonly id: string; readonly label: string })[];
  readonly set: (value: string) => void;
}

export function Choice({ label, value, any, options, set }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={(event) => set(event.currentTarget.value)}>
      {any !== undefined && <option value="">{any}</option>}
      {options.map((option) => {
        const { id, label: words } = typeof option === 'string' ? { id: option, label: option } : option;
        return (
          <option value={id} key={id}>
            {words}
          </option>
        );
      })}
    </select>
  );
}

/** Instead of a list whose filters leave nothing of it. */
export function NothingFound({ title, all = 'Show all' }: { title: string; all?: string }) {
  return (
    <Empty icon="search" title={title}>
      <button type="button" class="link-button" onClick={() => requery({})}>
        {all}
      </button>
    </Empty>
  );
}

/** How many there are, or how many of them are shown. */
export const countOf = (shown: number, all: number): string => (shown === all ? whole(all) : `${whole(shown)} of ${whole(all)}`);
