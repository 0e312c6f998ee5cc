/**
 * A list of ten thousand rows of which only those in view are in the page. Rows have one height; the list says how many there are in all, so that a
 * screen reader knows where in it one is. Arrow keys, Page Up and Down, Home and End move through it.
 */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface LongListProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly rowHeight: number;
  readonly children: (row: T) => ComponentChildren;
  readonly columns?: readonly string[];
  readonly onOpen?: (row: T) => void;
  readonly rowClass?: (row: T) => string;
  readonly class?: string;
}

/** Rows above and below those in view. */
const beyond = 6;
/** As in style/parts.css. */
const headPx = 34;

export function LongList<T>(props: LongListProps<T>) {
  const { label, rows, keyOf, rowHeight, children, columns, onOpen, rowClass } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const view = useScrolled(scroller);
  const [at, setAt] = useState(0);
  const id = useId();
  const first = Math.max(0, Math.floor(view.top / rowHeight) - beyond);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + beyond);
  const current = Math.min(at, Math.max(rows.length - 1, 0));

  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -rows.length,
      End: rows.length,
    };
    const row = rows[current];
    if (event.key === 'Enter' && event.target === event.currentTarget && row) return onOpen?.(row);
    const step = steps[event.key];
    if (step === undefined || event.target !== event.currentTarget) return;
    event.preventDefault();
    const next = Math.min(Math.max(current + step, 0), rows.length - 1);
    setAt(next);
    const element = scroller.current;
    if (!element) return;
    if (next * rowHeight < element.scrollTop) element.scrollTop = next * rowHeight;
    // The head stays in view and takes its part.
    const seen = element.clientHeight - (columns ? headPx : 0);
    if ((next + 1) * rowHeight > element.scrollTop + seen) element.scrollTop = (next + 1) * rowHeight - seen;
  };

  return (
    <div
      class={`long ${props.class ?? ''}`}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + (columns ? 1 : 0)}
      aria-activedescendant={`${id}-${current}`}
      tabIndex={0}
      ref={scroller}
      onKeyDown={onKeyDown}
    >
      {columns && <Columns names={columns} />}
      <div class="long-whole" role="rowgroup" style={{ height: `${rows.length * rowHeight}px` }}>
        {rows.slice(first, last).map((row, i) => (
          <div
            class={`long-row ${rowClass?.(row) ?? ''} ${first + i === current ? 'current' : ''}`}
            role="row"
            id={`${id}-${first + i}`}
            key={keyOf(row)}
            aria-rowindex={first + i + (columns ? 2 : 1)}
            style={{ transform: `translateY(${(first + i) * rowHeight}px)`, height: `${rowHeight}px` }}
            onClick={(event) => {
              setAt(first + i);
              if (!(event.target as Element).closest('a, button')) onOpen?.(row);
            }}
          >
            {children(row)}
          </div>
        ))}
      </div>
    </div>
  );
}

export function Cell({ children, figure, class: name }: { children?: ComponentChildren; figure?: boolean; class?: string }) {
  return (
    <span role="gridcell" class={`${figure ? 'figure' : ''} ${name ?? ''}`}>
      {children}
    </span>
  );
}

function useScrolled(scroller: { readonly current: HTMLDivElement | null }): { readonly top: number; readonly height: number } {
  const [view, setView] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const read = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(read);
    observer.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    read();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', read);
    };
  }, []);
  return view;
}

function Columns({ names }: { names: readonly string[] }) {
  return (
    <div class="long-head" role="rowgroup">
      <div class="long-row" role="row" aria-rowindex={1}>
        {names.map((name) => (
          <span role="columnheader" key={name}>
            {name || <span class="unseen">actions</span>}
          </span>
        ))}
      </div>
    </div>
  );
}
