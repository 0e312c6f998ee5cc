/** Making a project, for `atlas init`, which is the same as `npm create horizon-atlas`. */
export { createProject } from './create-project.ts';
export { type InitOptions, initProject } from './init.ts';
export { askOnTerminal } from './questions.ts';
export { type Template, templates } from './templates.ts';
