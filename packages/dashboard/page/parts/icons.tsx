/** Icons of the page: 16 by 16, one stroke width, the colour of the text around them. Never the only name of anything. */

const paths = {
  map: 'M1.8 4.2 6 2.5l4 1.7 4.2-1.7v9.3L10 13.5l-4-1.7-4.2 1.7zM6 2.5v9.3M10 4.2v9.3',
  servers: 'M2.5 2.8h11v4h-11zM2.5 9.2h11v4h-11zM5 4.8h.01M5 11.2h.01',
  gateways: 'M8 1.8v12.4M4.6 5 1.8 8l2.8 3M11.4 5l2.8 3-2.8 3M1.8 8h4M10.2 8h4',
  players: 'M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8zM2.8 13.4c.6-2.3 2.6-3.6 5.2-3.6s4.6 1.3 5.2 3.6',
  events: 'M2 8h2.6l1.9-4.8 3 9.6L11.4 8H14',
  history: 'M2 2.2v11.6h12M4.6 10.4 7.4 7l2.2 2 4-4.8',
  audit: 'M8 1.8 13 3.6v4c0 3-2 5.4-5 6.6-3-1.2-5-3.6-5-6.6v-4zM5.8 7.8l1.6 1.6 2.9-3',
  keys: 'M9.6 9.4a3.4 3.4 0 1 0-3-3L1.9 11v3h3v-1.7h1.7v-1.7h1.7zM11 5h.01',
  fleets: 'M2 5.4 8 2.4l6 3-6 3zM2 8.2l6 3 6-3M2 11l6 3 6-3',
  gameservers: 'M3 2.6h10v10.8H3zM5.4 5.4h5.2M5.4 8h5.2M8 10.8h.01',
  queues: 'M3.4 4.2h.01M6.4 4.2H13M3.4 8h.01M6.4 8H11M3.4 11.8h.01M6.4 11.8h2.4',
  matches: 'M3 3l7.4 7.4M13 3l-7.4 7.4M9.4 12.4l3-3M6.6 12.4l-3-3M11 11l2.4 2.4M5 11l-2.4 2.4',
  games:
    'M5.2 4.6h5.6a3.4 3.4 0 0 1 3.4 3.2c.2 2.2 0 3.6-1.2 3.6-1.4 0-1.8-2-3.2-2H6.2c-1.4 0-1.8 2-3.2 2-1.2 0-1.4-1.4-1.2-3.6a3.4 3.4 0 0 1 3.4-3.2zM5.4 6.2v2M4.4 7.2h2M10.6 7.2h.01',
  edges: 'M2 8h3.2M10.8 8H14M5.2 4.2h5.6v7.6H5.2zM2 4.8l1.6 1.6M2 11.2l1.6-1.6M8 6.6v2.8',
  more: 'M3.4 8h.01M8 8h.01M12.6 8h.01',
  play: 'M4.6 2.8v10.4L13 8z',
  pause: 'M5 3v10M11 3v10',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M3.3 12.7l1-1M11.7 4.3l1-1',
  moon: 'M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z',
  search: 'M7 11.8a4.8 4.8 0 1 0 0-9.6 4.8 4.8 0 0 0 0 9.6zM10.5 10.5l3.6 3.6',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2.2 5.6V2.2h3.4M10.4 2.2h3.4v3.4M13.8 10.4v3.4h-3.4M5.6 13.8H2.2v-3.4',
  close: 'M3.6 3.6l8.8 8.8M12.4 3.6l-8.8 8.8',
  back: 'M9.8 3 4.8 8l5 5',
  forward: 'M6.2 3l5 5-5 5',
  warn: 'M8 2 14.6 13.4H1.4zM8 6.4v3.2M8 11.6h.01',
  kill: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  drain: 'M8 1.8v8.4M4.6 7 8 10.4 11.4 7M2.4 13.6h11.2',
  restart: 'M13.2 8a5.2 5.2 0 1 1-1.6-3.8M13.4 1.8v3h-3',
  move: 'M8 14.2c3-3.4 4.6-5.8 4.6-7.8a4.6 4.6 0 0 0-9.2 0c0 2 1.6 4.4 4.6 7.8zM8 8a1.6 1.6 0 1 0 0-3.2A1.6 1.6 0 0 0 8 8z',
  kick: 'M6.4 2.2H2.6v11.6h3.8M10.4 11.2 13.6 8l-3.2-3.2M13.4 8H6',
  follow: 'M8 11.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM8 1.4v2.2M8 12.4v2.2M1.4 8h2.2M12.4 8h2.2',
  copy: 'M5.4 5.4h8.2v8.2H5.4zM10.4 5.2V2.4H2.4v8h2.8',
  check: 'M2.8 8.6 6.2 12l7-8',
  leave: 'M6.4 2.2H2.6v11.6h3.8M10.4 11.2 13.6 8l-3.2-3.2M13.4 8H6',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width={name === 'more' || name === 'pause' ? 2 : 1.4}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
