/** Requests for a game server over real sockets: who waits, waits, and who hangs up does not. */
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { AllocationAnswered, AllocationAsk } from '../src/index.ts';
import { type Fixture, fixture } from './fixture.ts';
import { SmallFleets } from './small-fleets.ts';

/** None is ready until the test says so. */
class WaitingFleets extends SmallFleets {
  readonly cancelled = Promise.withResolvers<string>();
  readonly waiting = Promise.withResolvers<void>();
  readonly ready = Promise.withResolvers<void>();
  isCancelled = false;

  override async allocate(ask: AllocationAsk): Promise<AllocationAnswered> {
    this.waiting.resolve();
    await this.ready.promise;
    return super.allocate(ask);
  }

  override cancel(requestId?: string): boolean {
    this.isCancelled = true;
    this.cancelled.resolve(requestId ?? '');
    return true;
  }
}

let made: Fixture | undefined;
afterEach(() => made?.control.close());

async function listening(): Promise<{ readonly fleets: WaitingFleets; readonly url: string }> {
  const fleets = new WaitingFleets();
  made = fixture({ sources: { fleets } });
  return { fleets, url: await made.control.listen() };
}

const ask = JSON.stringify({ requestId: 'patient', waitMs: 60_000 });

it('a request that waits is not taken back because all of it has been read', async () => {
  const { fleets, url } = await listening();
  const headers = { 'content-type': 'application/json' };
  const answer = fetch(`${url}/gameserverallocation`, { method: 'POST', body: ask, headers });
  await fleets.waiting.promise;
  // Another one is read, answered and closed meanwhile.
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  fleets.ready.resolve();
  expect(await (await answer).json()).toMatchObject({ gameServerName: 'arena_1', requestId: 'patient' });
  expect(fleets.isCancelled).toBe(false);
});

it('who hangs up does not wait any longer', async () => {
  const { fleets, url } = await listening();
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = `POST /gameserverallocation HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`;
  socket.write(`${head}content-length: ${ask.length}\r\n\r\n${ask}`);
  await fleets.waiting.promise;
  socket.destroy();
  expect(await fleets.cancelled.promise).toBe('patient');
  fleets.ready.resolve();
});
