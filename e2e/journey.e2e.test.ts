/**
 * One world from its first start to its second, as players and the person who runs it see it: `atlas up` with real processes, clients over
 * WSS, and every process killed in turn under people who go on playing.
 *
 * The chapters follow on one another: they are told by the same two players on the same installation.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation, kill } from './installation.ts';
import { Player } from './player.ts';
import { DEADLINE_MS, until } from './until.ts';

let atlas: Installation;
let ann: Player;
let bob: Player;

beforeAll(async () => {
  // With a spare, a region is given away while its paused server is still there, which is what has to be survived.
  atlas = await Installation.make({
    sleepAfterMs: 600_000,
    regionServer: { entry: Installation.region, spares: 1, startTimeoutMs: 20_000 },
  });
  await atlas.start();
}, 2 * DEADLINE_MS);
afterAll(async () => {
  ann?.leave();
  bob?.leave();
  await atlas?.destroy();
}, DEADLINE_MS);

/** A chapter has time for several things that take as long as they may. */
const chapter = (what: string, story: () => Promise<void>) => test(what, { timeout: 3 * DEADLINE_MS }, story);

/** In the middle of play: a command each 25 ms, whatever happens. */
function bothCount(): void {
  ann.keepCounting();
  bob.keepCounting();
}

/** Whatever has happened: every command took effect once and in order, and would survive the next thing. */
async function booksAreRight(): Promise<void> {
  for (const player of [ann, bob]) {
    await player.settle();
    expect(player.faults, player.name).toEqual([]);
  }
}

describe('play', () => {
  chapter('two players join and hear each other', async () => {
    ann = await Player.join(atlas, 'ann');
    bob = await Player.join(atlas, 'bob');
    expect([ann.region, bob.region]).toEqual(['west', 'west']);
    ann.client.send('chat/say', { text: 'hello' });
    await until('bob hears it', () => bob.said.includes('ann: hello'));
    expect((await until('both are counted', async () => onlineNow(2))).players.online).toBe(2);
  });

  chapter('a player walks over a border and back: one socket, each command once', async () => {
    ann.keepCounting();
    await ann.walkTo(150);
    await until('mid has her', () => ann.region === 'mid');
    await ann.walkTo(50);
    await until('west has her', () => ann.region === 'west');
    await booksAreRight();
    expect(ann.crossings.map(({ from, to }) => `${from} → ${to}`)).toEqual(['west → mid', 'mid → west']);
    expect([ann.closed, bob.closed]).toEqual([0, 0]);
    const { handoffs } = await atlas.status();
    expect(handoffs).toMatchObject({ total: 2, failed: 0, lost: 0 });
  });

  chapter('money moves once', async () => {
    for (let id = 1; id <= 5; id++) ann.client.send('bank/pay', { id });
    await until('all are paid', () => ann.paid.length === 5);
    await expect(balanceOf(ann)).resolves.toBe(5);
  });
});

describe('the person who runs it', () => {
  chapter('reads a status of the agreed shape', async () => {
    const status = await until('players and handoffs are known', async () => {
      const found = await onlineNow(2);
      return found && found.handoffs.gapMs.p50 !== null && found;
    });
    expect(status).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      uptimeS: expect.any(Number),
      regions: expect.arrayContaining([expect.objectContaining({ id: 'west', state: 'active', players: 2 })]),
      servers: expect.any(Array),
      gateways: [expect.objectContaining({ state: 'ready', connections: 2, sessions: 2 })],
      players: { online: 2 },
      handoffs: {
        total: expect.any(Number),
        failed: 0,
        rolledBack: expect.any(Number),
        lost: 0,
        gapMs: { p50: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) },
      },
      warnings: [],
    });
    expect(status.regions.map(({ id }) => id)).toEqual(['west', 'mid', 'east']);
    for (const { cpuS, memoryBytes } of status.servers) expect([typeof cpuS, typeof memoryBytes]).toEqual(['number', 'number']);
  });

  chapter('has metrics that a checker finds nothing wrong with', async () => {
    const page = await atlas.metrics();
    expect(page).toMatch(/^atlas_players_online 2$/m);
    expect(page).toMatch(/^atlas_handoffs_total \d+$/m);
    expect(metricsFaults(page)).toEqual([]);
  });
});

describe('kill -9', () => {
  chapter('of the region server: sockets stay, play resumes', async () => {
    const closed = ann.closed;
    const notices = ann.notices.length;
    bothCount();
    const { pid } = await atlas.serverOf('west');
    kill(pid, 'SIGKILL');
    await until('ann is told', () => ann.notices.slice(notices).join() === 'paused,resumed');
    await ann.plays();
    expect((await atlas.serverOf('west')).pid).not.toBe(pid);
    await booksAreRight();
    expect(ann.closed).toBe(closed);
  });

  chapter('of the gateway: clients resume, nothing is missed', async () => {
    bothCount();
    const resumes = [ann.resumed.length, bob.resumed.length];
    const pid = await atlas.gatewayPid();
    kill(pid, 'SIGKILL');
    await until('both are back', () => ann.resumed.length > (resumes[0] ?? 0) && bob.resumed.length > (resumes[1] ?? 0));
    await booksAreRight();
    expect([ann.resumed.at(-1), bob.resumed.at(-1)]).toEqual([true, true]);
    expect(await atlas.gatewayPid()).not.toBe(pid);
  });

  chapter('of the control plane: nobody notices, and the next one lets people cross again', async () => {
    bothCount();
    const closed = [ann.closed, bob.closed];
    const [control, gateway, server] = [await atlas.controlPid(), await atlas.gatewayPid(), (await atlas.serverOf('west')).pid];
    kill(control, 'SIGKILL');
    await ann.plays();
    await until('another one', async () => (await atlas.controlPid()) !== control);
    expect([await atlas.gatewayPid(), (await atlas.serverOf('west')).pid]).toEqual([gateway, server]);
    await ann.walkTo(150);
    expect(ann.region).toBe('mid');
    await booksAreRight();
    expect([ann.closed, bob.closed]).toEqual(closed);
  });

  chapter('of everything but the supervisor: the same players, the same counts', async () => {
    bothCount();
    const resumes = ann.resumed.length;
    const all = atlas.processes().filter((pid) => pid !== atlas.supervisorPid);
    expect(all.length).toBeGreaterThanOrEqual(4);
    for (const pid of all) kill(pid, 'SIGKILL');
    await until('ann is back', () => ann.resumed.length > resumes);
    await booksAreRight();
    expect(ann.resumed.at(-1)).toBe(true);
    expect(ann.region).toBe('mid');
    await expect(balanceOf(ann)).resolves.toBe(5);
  });
});

describe('a region server that stands still', () => {
  chapter('is replaced, and killed before it can speak again', async () => {
    bothCount();
    const closed = bob.closed;
    const { pid } = await atlas.serverOf('west');
    kill(pid, 'SIGSTOP');
    await until('somebody else plays west', async () => (await atlas.serverOf('west')).pid !== pid);
    await bob.plays();
    await until('it is gone', () => !atlas.processes().includes(pid));
    await booksAreRight();
    expect(bob.closed).toBe(closed);
  });

  chapter('and wakes when its region has long been given away is heard by nobody', async () => {
    bothCount();
    const { pid } = await atlas.serverOf('west');
    // With the control plane dead there is nobody to kill it: it will come back believing that it owns the region.
    kill(pid, 'SIGSTOP');
    const control = await atlas.controlPid();
    kill(control, 'SIGKILL');
    await until('somebody else plays west', async () => (await atlas.serverOf('west')).pid !== pid);
    const answered = bob.counted;
    expect(kill(pid, 'SIGCONT')).toBe(true);
    await until('bob plays on', () => bob.counted > answered + 20);
    await until('it has ended', () => !atlas.processes().includes(pid));
    await booksAreRight();
  });
});

describe('Ctrl-C', () => {
  chapter('stops everything and leaves nothing', async () => {
    await booksAreRight();
    expect(await atlas.interrupt()).toBe(0);
    expect(atlas.processes()).toEqual([]);
    expect(existsSync(atlas.dir.run)).toBe(false);
    expect(existsSync(atlas.dir.sockets)).toBe(false);
    expect(readdirSync(atlas.home).sort()).toEqual(['.atlas', 'atlas.config.json']);
    expect(atlas.output).toMatch(/Nothing is left running/);
  });

  chapter('and the next start goes on from there', async () => {
    const { x, region, sent } = { x: ann.x, region: ann.region, sent: ann.sent };
    const resumes = ann.resumed.length;
    await atlas.start();
    await until('ann is back by herself', () => ann.resumed.length > resumes && ann.client.status === 'online');
    await ann.plays();
    expect(ann.counted).toBe(sent + 1);
    expect(ann.region).toBe(region);
    expect(Math.abs(ann.x - x)).toBeLessThan(1);
    await expect(balanceOf(ann)).resolves.toBe(5);
    await booksAreRight();
    expect(await atlas.interrupt()).toBe(0);
    expect(atlas.processes()).toEqual([]);
  });
});

async function onlineNow(players: number) {
  const status = await atlas.status();
  return status.players.online === players && status;
}

async function balanceOf(player: Player): Promise<number> {
  player.balance = undefined;
  player.client.send('bank/ask', {});
  return until(`the balance of ${player.name}`, () => player.balance);
}

/** By promtool where there is one; its most common complaints everywhere. */
function metricsFaults(page: string): string[] {
  const faults: string[] = [];
  const typed = new Set([...page.matchAll(/^# TYPE (\S+) (counter|gauge|summary|histogram)$/gm)].map((match) => match[1]));
  for (const line of page.trim().split('\n')) {
    if (line.startsWith('#')) continue;
    const sample = /^([a-z_][a-z0-9_]*)(\{([a-z_]+="[^"\n]*",?)*\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$/.exec(line);
    if (!sample) faults.push(`no sample: ${line}`);
    else if (!typed.has(sample[1]) && !typed.has(sample[1]?.replace(/_(sum|count|bucket)$/, ''))) faults.push(`no type: ${line}`);
  }
  const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
  if (!error && status !== 0) faults.push(`${stdout}${stderr}`);
  return faults;
}
