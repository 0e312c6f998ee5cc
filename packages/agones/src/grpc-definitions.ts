/** Services of gRPC by their names, made of the texts of their messages. */
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { allocationProtoText } from './allocation-proto-text.ts';
import { protoTexts } from './proto-text.ts';

export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export type Message = Record<string, unknown>;

const root = new protobuf.Root();
for (const text of [...protoTexts, allocationProtoText]) protobuf.parse(text, root, { keepCase: true });
root.resolveAll();

const definitions = new Map<string, ServiceDefinition>();

export function definitionOf(name: string): ServiceDefinition {
  let definition = definitions.get(name);
  if (!definition) {
    const service = root.lookupService(name);
    definition = Object.fromEntries(
      service.methodsArray.map((method) => {
        method.resolve();
        const { resolvedRequestType: asks, resolvedResponseType: tells } = method;
        if (!asks || !tells) throw new Error(`${method.fullName} has no types`);
        return [
          method.name,
          {
            path: `/${name}/${method.name}`,
            requestStream: method.requestStream ?? false,
            responseStream: method.responseStream ?? false,
            requestSerialize: serializer(asks),
            requestDeserialize: deserializer(asks),
            responseSerialize: serializer(tells),
            responseDeserialize: deserializer(tells),
          },
        ];
      }),
    );
    definitions.set(name, definition);
  }
  return definition;
}

function serializer(type: protobuf.Type): (message: Message) => Buffer {
  return (message) => Buffer.from(type.encode(type.fromObject(message)).finish());
}

/** Whole numbers beyond 2^53 arrive as such, and are refused by who counts with them. */
function deserializer(type: protobuf.Type): (bytes: Buffer) => Message {
  return (bytes) => type.toObject(type.decode(bytes), { longs: Number, defaults: false });
}
