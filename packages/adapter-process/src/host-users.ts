/** Users of this machine by name, for servers that run as somebody else. */
import { readFileSync } from 'node:fs';

export interface HostUser {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** @param name a name, or a number. Throws if this machine has no such user. */
export function hostUser(name: string): HostUser {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [user, , uid, gid, , home = '/'] = line.split(':');
    if (user === name || uid === name) return { uid: Number(uid), gid: Number(gid), home };
  }
  throw new Error(`this machine has no user ${JSON.stringify(name)}`);
}
