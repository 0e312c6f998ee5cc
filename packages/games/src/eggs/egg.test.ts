import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkGame, importEgg } from '../index.ts';

const egg = {
  _comment: 'DO NOT EDIT',
  meta: { version: 'PTDL_v2', update_url: null },
  name: 'Teeworlds',
  author: 'a@example.com',
  description: 'A game',
  features: null,
  docker_images: { 'ghcr.io/x': 'ghcr.io/x' },
  file_denylist: [],
  startup: './teeworlds_srv "sv_port {{SERVER_PORT}}" "sv_name {{NAME}}" -f server.cfg',
  config: {
    files: '{"server.cfg":{"parser":"file","find":{"sv_max_clients":"sv_max_clients {{server.build.env.MAX}}"}}}',
    startup: '{"done":"server started (ready)"}',
    logs: '{}',
    stop: '^C',
  },
  scripts: { installation: { script: 'curl | bash', container: 'debian', entrypoint: 'bash' } },
  variables: [
    {
      name: 'Name',
      description: 'of it',
      env_variable: 'NAME',
      default_value: 'A server',
      rules: 'required|string|max:20',
      user_viewable: true,
    },
    { name: 'Slots', env_variable: 'MAX', default_value: '8', rules: 'required|integer|between:1,16' },
    { name: 'Rcon', env_variable: 'RCON_PASSWORD', default_value: '', rules: 'nullable|string' },
  ],
};
const imported = (more: object) => importEgg(JSON.stringify({ ...egg, ...more }));

describe('an egg', () => {
  it('becomes a definition, with what it could not carry over in sentences', () => {
    const { definition, yaml, notes } = imported({});
    expect(definition).toMatchObject({
      name: 'Teeworlds',
      argv: ['{{dir}}/teeworlds_srv', 'sv_port {{port.game}}', 'sv_name {{NAME}}', '-f', 'server.cfg'],
      variables: {
        NAME: { type: 'string', maxLength: 20, default: 'A server' },
        MAX: { type: 'integer', minimum: 1, maximum: 16, default: 8 },
        RCON_PASSWORD: { type: 'string', secret: true, default: '' },
      },
      ready: { any: [{ log: '^.*server started \\(ready\\)' }] },
      stop: [{ signal: 'SIGINT', waitMs: 30_000 }],
    });
    expect(notes.join('\n')).toMatch(/install script is not run[\s\S]*|images are not used/);
    expect(notes).toContain('server.cfg is not rewritten (file: sv_max_clients): write it under files, with {{placeholders}}');
    expect(checkGame(parse(yaml)).ok).toBe(true);
  });

  it('of every known format is read', () => {
    for (const version of ['PTDL_v1', 'PTDL_v2', 'PLCN_v1', 'PLCN_v2'])
      expect(imported({ meta: { version } }).definition.name).toBe('Teeworlds');
    const third = imported({
      meta: { version: 'PLCN_v3' },
      startup: undefined,
      startup_commands: { Default: './a', Beta: './b' },
    });
    expect(third.definition.argv).toEqual(['{{dir}}/a']);
    expect(third.notes).toContainEqual(expect.stringMatching(/of its 2 start commands the first \(Default\)/));
  });

  it('that needs a shell is run by one, and it is said', () => {
    const { definition, notes } = imported({
      startup: 'java -Xmx{{SERVER_MEMORY}}M $( [[ -f x ]] && printf %s "-a" ) -jar {{NAME}}',
    });
    expect(definition.argv).toEqual([
      'bash',
      '-c',
      'java -Xmx\u0024{SERVER_MEMORY}M $( [[ -f x ]] && printf %s "-a" ) -jar \u0024{NAME}',
    ]);
    expect(notes).toContainEqual(expect.stringMatching(/run by bash/));
  });

  it('with fields and rules that nobody knows is imported without them, which is said', () => {
    const { notes } = imported({
      wings: { x: 1 },
      variables: [{ env_variable: 'A', default_value: '1', rules: 'required|uuid' }, { env_variable: '1 B' }],
    });
    expect(notes).toContain('the field wings is not known, and is left out');
    expect(notes).toContain('the rule uuid of A is not known, and is left out');
    expect(notes).toContainEqual(expect.stringMatching(/"1 B" has a name that no variable may have/));
  });

  it('in YAML, as Pelican exports it, is read as well', () => {
    const yaml =
      'meta:\n  version: PLCN_v3\nname: Paper\nstartup_commands:\n  Default: java -jar server.jar\nconfig:\n  stop: stop\n';
    expect(importEgg(yaml).definition).toMatchObject({ name: 'Paper', argv: ['java', '-jar', 'server.jar'] });
    expect(() => importEgg('meta: {version: PTDL_v2')).toThrow(/it is neither JSON nor YAML/);
  });

  it('that is stopped by ^C, as older ones write it, too, hears SIGINT', () => {
    for (const stop of ['^C', '^^C', '^c'])
      expect(imported({ config: { stop } }).definition.stop).toEqual([{ signal: 'SIGINT', waitMs: 30_000 }]);
  });

  it('whose texts may be longer than a definition can say is imported without that limit', () =>
    expect(
      imported({ variables: [{ env_variable: 'A', default_value: '1', rules: 'required|string|max:65535' }] }).definition
        .variables,
    ).toEqual({ A: { type: 'string', default: '1' } }));

  it('that is none is refused with what is missing', () => {
    expect(() => importEgg('{')).toThrow(/it is neither JSON nor YAML/);
    expect(() => importEgg('{"name":"x"}')).toThrow(/meta is not what an egg has there.*PTDL_v1/);
    expect(() => imported({ meta: { version: 'PTDL_v9' } })).toThrow(/meta\.version/);
    expect(() => imported({ startup: '  ' })).toThrow(/no start command/);
  });

  it('cannot break out of the comments of its file', () => {
    const { yaml } = imported({ name: 'x\nargv: [rm]', zzz: 1 });
    expect(yaml.split('\n').filter((line) => line.startsWith('argv:'))).toHaveLength(1);
  });
});
