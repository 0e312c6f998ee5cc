/** A kept connection that asks for one game server after the other. */
import { Lane, requestBytes } from '../match/lane.ts';
import { askFor, authorization } from './pool.ts';

export interface Asker {
  /** Status 0: the connection is lost. */
  ask(requestId: string): Promise<{ readonly status: number; readonly body: string }>;
  /** The session is over: its server is ready for the next one. */
  release(requestId: string): Promise<{ readonly status: number; readonly body: string }>;
  close(): void;
}

export async function openAsker(url: string): Promise<Asker> {
  const { hostname, port, host } = new URL(url);
  const lane = await Lane.open(hostname, Number(port));
  const headers = { host, authorization, 'content-type': 'application/json' };
  const post = (path: string, text: string) =>
    new Promise<{ readonly status: number; readonly body: string }>((resolve) => {
      lane.ask(requestBytes('POST', path, headers, text), (status, body) => resolve({ status, body }));
    });
  return {
    ask: (requestId) => post('/gameserverallocation', askFor(requestId)),
    release: (requestId) => post(`/api/v1/allocations/${requestId}/release`, '{}'),
    close: () => lane.close(),
  };
}
