/** What a game server says at the end of its session: a result, if it is one. */
import { z } from 'zod';
import type { MatchResult } from './core/match-life.ts';

export const limits = { teams: 64 } as const;

export const resultSchema = z.object({
  teams: z
    .array(
      z.object({
        name: z.string().min(1).max(128),
        rank: z.int().min(1).max(limits.teams).optional(),
        score: z.number().finite().optional(),
      }),
    )
    .min(1)
    .max(limits.teams),
  data: z.unknown().optional(),
});

/** Teams without a rank are ranked by their scores, the highest first. undefined: it says nothing of teams. */
export function readResult(said: unknown): MatchResult | undefined {
  const parsed = resultSchema.safeParse(said);
  if (!parsed.success) return undefined;
  const { teams, data } = parsed.data;
  const scores = [...new Set(teams.map(({ score }) => score ?? Number.NEGATIVE_INFINITY))].sort((a, b) => b - a);
  if (teams.some(({ rank, score }) => rank === undefined && score === undefined)) return undefined;
  return {
    teams: teams.map(({ name, rank, score }) => ({
      name,
      rank: rank ?? 1 + scores.indexOf(score ?? Number.NEGATIVE_INFINITY),
      ...(score === undefined ? {} : { score }),
    })),
    ...(data === undefined ? {} : { data }),
  };
}
