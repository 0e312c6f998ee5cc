/** A printed line as people read it: without colours of terminals; the structured ones of pino as a sentence with its fields. */
import type { LogLine } from '@horizon-atlas/sdk-admin';

export interface Said {
  readonly atMs: number | null;
  readonly text: string;
  readonly tone: 'plain' | 'warn' | 'bad' | 'quiet';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what escape sequences are made of
const escapes = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)|[\u0000-\u0008\u000b-\u001f\u007f]/g;

export function said({ atMs, stream, text }: LogLine): Said {
  const clean = text.replace(escapes, '');
  const structured = clean.startsWith('{') ? parsed(clean) : undefined;
  if (!structured) return { atMs, text: clean, tone: stream === 'stderr' ? 'warn' : 'plain' };
  const { level, time, pid: _pid, hostname: _host, name: _name, msg, ...fields } = structured;
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const tone = typeof level !== 'number' ? 'plain' : level >= 50 ? 'bad' : level >= 40 ? 'warn' : level < 30 ? 'quiet' : 'plain';
  return { atMs: atMs ?? (typeof time === 'number' ? time : null), text: [String(msg ?? ''), ...rest].join('  ').trim(), tone };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const known = typeof value === 'object' && value !== null && 'msg' in value;
    return known ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
