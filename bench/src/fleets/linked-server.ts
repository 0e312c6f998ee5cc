/** A game server of the restart bench that speaks to Atlas by its link. A session goes on until Atlas says that it is over. */
import { connect } from '@horizon-atlas/sdk-server';

const server = await connect();
for await (const session of server.sessions()) {
  session.active();
  // Whoever loses his link meanwhile plays on.
  await session.closed;
}
await server.shutdown();
process.exit(0);
