/** The `atlas` command, for those who build on it. */
export { makeProgram } from './program.ts';
