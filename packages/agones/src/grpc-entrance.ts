/** Where connections that speak gRPC go in: a server of @grpc/grpc-js that is handed its sockets, such as one for each game server that speaks gRPC. */
import type { Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { agonesLimits } from './core/limits.ts';
import type { GrpcService } from './grpc-definitions.ts';

export interface GrpcEntrance {
  admit(socket: Socket): void;
  close(): void;
}

export function entranceOf(services: readonly GrpcService[]): GrpcEntrance {
  const server = new Server({
    'grpc.max_receive_message_length': agonesLimits.messageBytes,
    'grpc.enable_channelz': 0,
  });
  for (const { definition, implementation } of services) server.addService(definition, implementation);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    admit: (socket) => injector.injectConnection(socket),
    close() {
      injector.destroy();
      server.forceShutdown();
    },
  };
}
