import { manualClock, memoryProbe } from '@horizon-atlas/runtime';
import { expect, test } from 'vitest';
import { chooseEngine } from './gateway-engine.ts';

type Engine = Parameters<typeof chooseEngine>[0]['engine'];
type Tls = Parameters<typeof chooseEngine>[0]['tls'];

function choose(engine: Engine, found: { program: string } | { missing: string }, tls: Tls = { off: true }) {
  const clock = manualClock();
  const said: unknown[] = [];
  const probe = memoryProbe({ onEvent: ({ name, fields }) => said.push({ name, ...fields }) });
  return { clock, said, program: chooseEngine({ engine, tls }, { clock, probe }, () => found) };
}

const there = { program: '/somewhere/bun' };
const missing = { missing: 'Bun is not installed: npm install it' };

test('Bun where it is, Node.js where it is not, and that is said', () => {
  expect(choose('auto', there).program(0)).toBe('/somewhere/bun');
  expect(choose('node', there).program(0)).toBe(process.execPath);
  const without = choose('auto', missing);
  expect(without.program(0)).toBe(process.execPath);
  expect(without.said).toEqual([{ name: 'gateway_engine', engine: 'node', why: missing.missing }]);
});

test('in development Node.js, unless somebody asks for Bun', () => {
  expect(choose('auto', there, { dev: true }).program(0)).toBe(process.execPath);
  expect(choose('bun', there, { dev: true }).program(0)).toBe('/somewhere/bun');
});

test('who insists on Bun is told how to get it', () => {
  expect(() => choose('bun', missing)).toThrow(/gateway\.engine is 'bun', but Bun is not installed: npm install it/);
});

test('a gateway that keeps ending in Bun goes on in Node.js, and so do the others', () => {
  const { clock, program, said } = choose('auto', there);
  program(0);
  clock.advance(61_000);
  expect([program(0), program(1), program(0)]).toEqual(['/somewhere/bun', '/somewhere/bun', '/somewhere/bun']);
  expect(said).toEqual([]);
  clock.advance(10_000);
  expect(program(0)).toBe(process.execPath);
  expect(program(1)).toBe(process.execPath);
  expect(said).toHaveLength(1);
});

test('who insists on Bun keeps it', () => {
  const { program } = choose('bun', there);
  expect(Array.from({ length: 5 }, () => program(0))).toEqual(Array(5).fill('/somewhere/bun'));
});
