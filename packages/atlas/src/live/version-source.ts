/** What the API tells and takes of fleets' versions and scaling. */
import type { FleetChange, Outcome, Rollout, Scaling, VersionSource } from '@horizon-atlas/control';
import { type ErrorCode, errors } from '@horizon-atlas/protocol';
import { programText, readProgram } from '../fleet-program.ts';
import type { GameServersPart } from '../game-servers.ts';

type Answer = Outcome<{ readonly rollout: Rollout }>;

export function versionSource(part: GameServersPart | undefined): VersionSource | undefined {
  if (!part) return undefined;
  const { service } = part;
  /** @param none why there is nothing to be done */
  const told = (fleet: string, code: ErrorCode | undefined, none: string): Answer => {
    const rollout = service.rollout(fleet);
    if (!rollout) return { ok: false, code: 'FLEET_UNKNOWN', message: `there is no fleet "${fleet}"` };
    if (code) return { ok: false, code, message: code === 'ROLLOUT_NONE' ? none : errors[code].text };
    return { ok: true, rollout: shown(rollout) };
  };
  return {
    rollout(fleet) {
      const rollout = service.rollout(fleet);
      return rollout && shown(rollout);
    },
    change: (fleet, change) =>
      told(
        fleet,
        begin(part, fleet, change),
        `what ${fleet} runs comes from a game definition: change that one, and start Atlas again`,
      ),
    rollback: (fleet) => told(fleet, service.rollback(fleet), `${fleet} has no former version to go back to`),
    hold: (fleet, paused) => told(fleet, service.holdRollout(fleet, paused), `no rollout of ${fleet} is under way`),
    scaling(fleet): Scaling | undefined {
      const view = part.autoscaler?.scaling(fleet);
      if (!view) return undefined;
      const { terms, now, decisions, webhooks } = view;
      return {
        fleet,
        policy: { ...terms.policy },
        downAfterMs: terms.downAfterMs,
        downKeep: terms.downKeep,
        now: now ?? null,
        decisions: [...decisions],
        webhooks: webhooks.map((webhook) => ({ ...webhook, replicas: webhook.replicas ?? null })),
      };
    },
  };
}

/** A version that is known is its program; a new one is the present program with what is to be otherwise. */
function begin({ service }: GameServersPart, fleet: string, change: FleetChange): ErrorCode | undefined {
  const present = service.rollout(fleet);
  if (!present) return 'FLEET_UNKNOWN';
  const { version, command, env } = change;
  const known = service.program(fleet, version);
  if (known !== undefined && command === undefined && env === undefined) return service.rollOut(fleet, version, known);
  const base = readProgram(service.program(fleet, present.version) ?? '');
  // A game definition's program is the definition's.
  if (!base) return 'ROLLOUT_NONE';
  const next = { ...base, argv: command ?? base.argv, env: { ...base.env, ...env } };
  return service.rollOut(fleet, version, programText(next));
}

function shown(view: Rollout | NonNullable<ReturnType<GameServersPart['service']['rollout']>>): Rollout {
  const { revisions, next, former, ...rest } = view;
  return { ...rest, next: { ...next }, former: { ...former }, revisions: revisions.map((revision) => ({ ...revision })) };
}
