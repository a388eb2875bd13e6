export { runCommand } from './run-command.ts';
export type { Surroundings } from './surroundings.ts';
