/** `atlas top`: a running world in a live terminal view. Where there is no terminal, one look at it. */
import type { Admin } from '@horizon-atlas/sdk-admin';
import { type Command, Option } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { aborted, untilInterrupted } from '../interrupt.ts';
import { examples, type Run, runOf, withTarget } from '../options.ts';
import { pageRows, topFrame } from '../top/frame.ts';
import { openScreen } from '../top/screen.ts';
import { keysOf, noData, pressed, startState, type TopData, type TopState, type View, views } from '../top/state.ts';

export const limits = {
  /** Between two drawings, unless a key was pressed. */
  drawMs: 250,
} as const;

export function addTop(program: Command): void {
  const command = program
    .command('top')
    .description('watch regions, servers, players and gateways in a live view')
    .addOption(new Option('--view <view>', 'begin with this one').choices(views).default('regions'))
    .option('--once', 'draw once and end, as without a terminal')
    .action(async ({ view, once }: { view: View; once?: boolean }, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const state = { ...startState, view };
      // Who we are to Atlas, and what the world is called; a refusal comes before the screen is touched.
      const { name } = await admin.session();
      if (once || !run.terminal.interactive) await drawOnce(run, admin, state, name);
      else await live(run, admin, state, name);
    });
  examples(withTarget(command), [
    ['atlas top', 'q quits, tab and 1 to 4 change the view, s the order, / finds'],
    ['atlas top --view players', ''],
    ['watch -n 5 atlas top --once', ''],
  ]);
}

async function drawOnce({ terminal }: Run, admin: Admin, state: TopState, name: string): Promise<void> {
  const [status, regions, servers, gateways, players] = await Promise.all([
    admin.status(),
    listed(admin.regions, {}),
    listed(admin.servers, {}),
    listed(admin.gateways, {}),
    listed(admin.players, {}),
  ]);
  const data: TopData = {
    status,
    regions: regions.items,
    servers: servers.items,
    gateways: gateways.items,
    players: players.items,
    trouble: '',
  };
  const rows = pageRows(0) + data[state.view].length + 6;
  const columns = Math.min(terminal.width, 120);
  const { lines } = topFrame(data, state, { columns, rows, paint: terminal.paint, nowMs: Date.now(), name });
  // The keys are of no use here.
  terminal.print(lines.slice(0, -1).join('\n').trimEnd());
}

async function live({ terminal }: Run, admin: Admin, first: TopState, name: string): Promise<void> {
  let state = first;
  let data: TopData = noData;
  /** What is drawn: stands still while paused. */
  let shown = data;
  const players = new Map<string, TopData['players'][0]>();
  const end = new AbortController();
  untilInterrupted().addEventListener('abort', () => end.abort());
  const learn = (news: Partial<TopData>) => {
    data = { ...data, ...news };
  };
  const draw = () => {
    if (!state.paused) shown = data;
    const { columns, rows } = screen;
    const frame = topFrame(shown, state, { columns, rows, paint: terminal.paint, nowMs: Date.now(), name });
    state = { ...state, scroll: Math.min(state.scroll, frame.scrollMax) };
    screen.draw(frame.lines);
  };
  const screen = openScreen((chunk) => {
    for (const key of keysOf(chunk)) state = pressed(state, key, pageRows(screen.rows));
    if (state.quit) end.abort();
    else draw();
  }, draw);
  let refusal: Error | undefined;
  const watch = admin.watch(['status', 'regions', 'servers', 'gateways', 'players'], {
    status: (status) => learn({ status }),
    regions: (regions) => learn({ regions }),
    servers: (servers) => learn({ servers }),
    gateways: (gateways) => learn({ gateways }),
    players({ whole, upsert, gone }) {
      if (whole) players.clear();
      for (const player of upsert) players.set(player.id, player);
      for (const id of gone) players.delete(id);
      learn({ players: [...players.values()] });
    },
    state(now, error) {
      learn({ trouble: now === 'open' ? '' : now === 'waiting' ? 'no answer, trying again' : now });
      if (now !== 'closed' || !error) return;
      refusal = error;
      end.abort();
    },
  });
  const timer = setInterval(draw, limits.drawMs);
  draw();
  try {
    await aborted(end.signal);
  } finally {
    clearInterval(timer);
    watch.close();
    screen.close();
  }
  if (refusal) throw refusal;
}
