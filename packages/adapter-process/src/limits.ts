/** Every limit of the process runner, each with what happens when it is reached. */
export const limits = {
  /** Processes that run at once; a start beyond it is answered by 'failed'. */
  processes: 1024,
  /** The end of a process that is not our child is noticed within this time. */
  pollMs: 100,
  /** Log files are measured this often; between two looks a flood may pass its limit. */
  logCheckMs: 500,
  /** A log file above this is cut back to its newer half, where the spec says nothing else. */
  logBytesMax: 8 * 1024 * 1024,
} as const;
