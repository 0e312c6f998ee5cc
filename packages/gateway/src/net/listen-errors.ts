/** What is said when a gateway cannot listen, whichever sockets it has. */
import { AtlasError } from '@horizon-atlas/protocol';

export function listenFailed(host: string, port: number, error: unknown): AtlasError {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE'
    ? new AtlasError('PORT_IN_USE', `port ${port} of ${host} is in use by another program`)
    : new AtlasError('CONFIG_INVALID', `listening on ${host}:${port} is not possible: ${message}`);
}

export function certificateUnusable(error: unknown): AtlasError {
  return new AtlasError('CONFIG_INVALID', `the certificate and its key cannot be used: ${(error as Error).message}`);
}
