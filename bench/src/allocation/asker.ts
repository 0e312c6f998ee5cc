/** A kept connection that asks for one game server after the other. */
import { Lane, requestBytes } from '../match/lane.ts';
import { askFor, authorization } from './pool.ts';

export interface Asker {
  /** Status 0: the connection is lost. */
  ask(requestId: string): Promise<{ readonly status: number; readonly body: string }>;
  close(): void;
}

export async function openAsker(url: string): Promise<Asker> {
  const { hostname, port, host } = new URL(url);
  const lane = await Lane.open(hostname, Number(port));
  const headers = { host, authorization, 'content-type': 'application/json' };
  return {
    ask: (requestId) =>
      new Promise((resolve) => {
        const bytes = requestBytes('POST', '/gameserverallocation', headers, askFor(requestId));
        lane.ask(bytes, (status, body) => resolve({ status, body }));
      }),
    close: () => lane.close(),
  };
}
