/** The doc comments of a TypeScript file's object literals and interfaces: what a generated page says of a field is what stands above it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');

export interface CommentedFields {
  /** What stands above each field, as one line; fields without a comment are missing. */
  readonly comments: ReadonlyMap<string, string>;
  /** All names, those of spread constants included. */
  readonly names: readonly string[];
}

/** Every object literal and interface of the files, which may spread one another's. */
export function fieldsOf(...files: readonly string[]): readonly CommentedFields[] {
  const constants = new Map<string, ts.ObjectLiteralExpression>();
  const literals: (ts.ObjectLiteralExpression | ts.InterfaceDeclaration)[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer && ts.isObjectLiteralExpression(node.initializer)) {
      constants.set(node.name.getText(), node.initializer);
    }
    if (ts.isObjectLiteralExpression(node) || ts.isInterfaceDeclaration(node)) literals.push(node);
    ts.forEachChild(node, visit);
  };
  for (const file of files) {
    visit(ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true));
  }
  return literals.map((literal) => read(literal, constants));
}

/** The comments of the literal that has exactly these names. */
export function commentsFor(all: readonly CommentedFields[], names: readonly string[]): ReadonlyMap<string, string> {
  const wanted = [...names].sort().join(' ');
  return all.find((each) => [...each.names].sort().join(' ') === wanted)?.comments ?? new Map();
}

function read(
  literal: ts.ObjectLiteralExpression | ts.InterfaceDeclaration,
  constants: ReadonlyMap<string, ts.ObjectLiteralExpression>,
): CommentedFields {
  const comments = new Map<string, string>();
  const names: string[] = [];
  const members: readonly ts.Node[] = ts.isInterfaceDeclaration(literal) ? literal.members : literal.properties;
  for (const member of members) {
    if (ts.isSpreadAssignment(member)) {
      const spread = constants.get(member.expression.getText());
      if (!spread) continue;
      const inner = read(spread, constants);
      names.push(...inner.names);
      for (const [name, comment] of inner.comments) comments.set(name, comment);
      continue;
    }
    const name = (member as ts.NamedDeclaration).name?.getText();
    if (name === undefined) continue;
    names.push(name);
    const [doc] = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
    const comment = doc && ts.getTextOfJSDocComment(doc.comment);
    if (comment) comments.set(name, comment.replace(/\s*\n\s*/g, ' ').trim());
  }
  return { comments, names };
}
