/** The three gRPC services over the calls of the core. Loaded with the first game server that speaks gRPC, and not before. */
import {
  Metadata,
  type handleClientStreamingCall as PingStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type Answer, type StatusName, statuses } from './core/answer.ts';
import { type Request, type Run, type Speaker, sdkCalls } from './core/calls.ts';
import { alphaCalls } from './core/calls-alpha.ts';
import { betaCalls } from './core/calls-beta.ts';
import { definitionOf, type GrpcService, type Message } from './grpc-definitions.ts';
import type { Watching } from './watching.ts';

type Unary = ServerUnaryCall<Message, Message>;

/** What one game server is served: the three services, for it alone. */
export function servicesOf(speaker: Speaker, watching: Watching): readonly GrpcService[] {
  return [
    {
      definition: definitionOf('agones.dev.sdk.SDK'),
      implementation: {
        ...unaries(speaker, sdkCalls),
        Health: pings(speaker),
        WatchGameServer: (call: ServerWritableStream<Message, Message>) => watch(call, speaker, watching),
      },
    },
    { definition: definitionOf('agones.dev.sdk.beta.SDK'), implementation: unaries(speaker, betaCalls) },
    { definition: definitionOf('agones.dev.sdk.alpha.SDK'), implementation: unaries(speaker, alphaCalls) },
  ];
}

function unaries(speaker: Speaker, calls: Readonly<Record<string, Run>>): UntypedServiceImplementation {
  return Object.fromEntries(
    Object.entries(calls).map(([name, run]) => [
      name,
      (call: Unary, callback: sendUnaryData<Message>) => answer(run(speaker, call.request as Request), callback),
    ]),
  );
}

function answer(answered: Answer, callback: sendUnaryData<Message>): void {
  if (answered.ok) callback(null, answered.message as Message);
  else callback(failure(answered.status, answered.message));
}

function failure(name: StatusName, message: string) {
  return { name, message, code: statuses[name].code as status, details: message, metadata: new Metadata() };
}

/** A stream that lasts as long as the process; each message is a sign of life. */
function pings(speaker: Speaker): PingStream<Message, Message> {
  return (call, callback) => {
    call.on('data', () => {
      const said = sdkCalls.Health(speaker);
      if (!said.ok) {
        answer(said, callback);
        call.removeAllListeners('data');
      }
    });
    call.on('end', () => callback(null, {}));
    call.on('error', () => {});
  };
}

function watch(call: ServerWritableStream<Message, Message>, speaker: Speaker, watching: Watching): void {
  const watched = watching.watch(speaker, {
    send: (message) => call.write(message),
    ended: () => call.end(),
  });
  if (watched === undefined) {
    call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: 'RATE_LIMITED: this server watches itself too often' });
    return;
  }
  call.on('drain', watched.drained);
  for (const event of ['cancelled', 'close', 'error']) call.on(event, watched.stop);
}
