/**
 * The shape behind a codec, read from the text in its `type`: so that tests can make values for every message without naming any.
 * Grammar: `{name:shape,…}`, `[shape]`, `shape?`, `a|b|c` (a choice), and the primitives' names.
 */
import fc, { type Arbitrary } from 'fast-check';

export type Shape =
  | { readonly is: 'primitive'; readonly name: Primitive }
  | { readonly is: 'choice'; readonly names: readonly string[] }
  | { readonly is: 'list' | 'optional'; readonly of: Shape }
  | { readonly is: 'struct'; readonly fields: readonly (readonly [name: string, shape: Shape])[] };

const primitives = ['u8', 'u16', 'u32', 'u53', 'i32', 'f32', 'f64', 'bool', 'str', 'bytes', 'json', 'rest'] as const;
type Primitive = (typeof primitives)[number];

export interface Member {
  readonly tag: number;
  readonly kind: string;
  readonly shape: Shape;
}

/** The members of a union, from its `type`. */
export function membersOf(type: string): Member[] {
  const text = new Text(type);
  const members: Member[] = [];
  do {
    const tag = Number(text.word());
    text.expect('=');
    members.push({ tag, kind: text.word(), shape: text.shape() });
  } while (text.take('|'));
  text.end();
  return members;
}

export function shapeOf(type: string): Shape {
  const text = new Text(type);
  const shape = text.shape();
  text.end();
  return shape;
}

/** The same value for the same shape, with no two neighbours alike, so that swapped fields are seen. */
export function sampleOf(shape: Shape): unknown {
  let n = 0;
  const make = (of: Shape): unknown => {
    n++;
    switch (of.is) {
      case 'choice':
        return of.names[n % of.names.length];
      case 'list':
        return [make(of.of), make(of.of)];
      case 'optional':
        return make(of.of);
      case 'struct':
        return Object.fromEntries(of.fields.map(([name, each]) => [name, make(each)]));
      case 'primitive':
        return primitive(of.name, n);
    }
  };
  return make(shape);
}

function primitive(name: Primitive, n: number): unknown {
  switch (name) {
    case 'u8':
      return 0x10 + n;
    case 'u16':
      return 0x0100 + n;
    case 'u32':
      return 0x0a0b_0c00 + n;
    case 'u53':
      return 2 ** 40 + n;
    case 'i32':
      return -n;
    case 'f32':
    case 'f64':
      return -n - 0.5;
    case 'bool':
      return true;
    case 'str':
      return `é${n}`;
    case 'bytes':
    case 'rest':
      return new Uint8Array([n, 0, 255]);
    case 'json':
      return { n };
  }
}

export function arbitraryOf(shape: Shape): Arbitrary<unknown> {
  switch (shape.is) {
    case 'choice':
      return fc.constantFrom(...shape.names);
    case 'list':
      return fc.array(arbitraryOf(shape.of), { maxLength: 5 });
    case 'optional':
      return fc.option(arbitraryOf(shape.of), { nil: undefined });
    case 'struct':
      return fc.record(Object.fromEntries(shape.fields.map(([name, each]) => [name, arbitraryOf(each)])));
    case 'primitive':
      return arbitraryPrimitive(shape.name);
  }
}

function arbitraryPrimitive(name: Primitive): Arbitrary<unknown> {
  switch (name) {
    case 'u8':
      return fc.nat(0xff);
    case 'u16':
      return fc.nat(0xffff);
    case 'u32':
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 'u53':
      return fc.maxSafeNat();
    case 'i32':
      return fc.integer();
    case 'f32':
      return fc.float({ noNaN: true, noDefaultInfinity: true });
    case 'f64':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'bool':
      return fc.boolean();
    case 'str':
      // The smallest limit of any string is 64 bytes.
      return fc.oneof(fc.string({ maxLength: 64, unit: 'binary-ascii' }), fc.string({ maxLength: 16, unit: 'binary' }));
    case 'bytes':
    case 'rest':
      return fc.uint8Array({ maxLength: 40 });
    case 'json':
      // As JSON has it: there is no -0 in it.
      return fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)));
  }
}

class Text {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  shape(): Shape {
    let shape: Shape;
    if (this.take('{')) shape = this.#struct();
    else if (this.take('[')) {
      shape = { is: 'list', of: this.shape() };
      this.expect(']');
    } else shape = this.#named();
    return this.take('?') ? { is: 'optional', of: shape } : shape;
  }

  word(): string {
    const word = /^[\w+-]+/.exec(this.#text.slice(this.#at))?.[0];
    if (word === undefined) throw new Error(`a name was expected at ${this.#text.slice(this.#at, this.#at + 20)}`);
    this.#at += word.length;
    return word;
  }

  take(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  expect(mark: string): void {
    if (!this.take(mark)) throw new Error(`${mark} was expected at ${this.#text.slice(this.#at, this.#at + 20)}`);
  }

  end(): void {
    if (this.#at !== this.#text.length) throw new Error(`left over: ${this.#text.slice(this.#at)}`);
  }

  #struct(): Shape {
    const fields: [string, Shape][] = [];
    while (!this.take('}')) {
      const name = this.word();
      this.expect(':');
      fields.push([name, this.shape()]);
      this.take(',');
    }
    return { is: 'struct', fields };
  }

  #named(): Shape {
    const names = [this.word()];
    while (this.take('|')) names.push(this.word());
    const [name] = names as [string];
    if (names.length > 1) return { is: 'choice', names };
    if (!(primitives as readonly string[]).includes(name)) throw new Error(`unknown shape ${name}: teach it to test/shape.ts`);
    return { is: 'primitive', name: name as Primitive };
  }
}
