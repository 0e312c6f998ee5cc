/** Whether a port can be listened on, asked before anything is started: a person hears of it at once, and nothing has to be undone. */
import { createServer } from 'node:net';
import { AtlasError } from '@horizon-atlas/protocol';

/** Rejects with PORT_IN_USE. @param setting where it can be changed, in words. */
export async function checkPortFree(host: string, port: number, what: string, setting: string): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // Without SO_REUSEPORT or waiting: the same question that the real listener will ask.
      server.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new AtlasError('PORT_IN_USE', `${what}: another program uses port ${port} on ${host}\n  Stop it, or ${setting}`);
    }
    if (code === 'EACCES')
      throw new AtlasError('PORT_IN_USE', `${what}: port ${port} needs privileges\n  Take one above 1023: ${setting}`);
    throw new AtlasError('CONFIG_INVALID', `${what}: listening on ${host}:${port} is not possible: ${message}`);
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
