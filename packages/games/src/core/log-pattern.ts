/** Patterns for lines of a server's log: anchored, and harmless to whoever runs them over lines that players can influence. */

/** What is wrong with a pattern, or undefined. */
export function patternComplaint(source: string): string | undefined {
  if (!source.startsWith('^')) return 'it does not begin with ^';
  // An alternative at the top would be anchored on its own, or not at all.
  if (hasBareAlternative(source)) return 'an alternative outside of parentheses is not anchored: write ^(?:a|b)';
  // A repetition of a group that itself repeats can take exponential time on a line that nearly matches.
  if (/\((?:[^()\\]|\\.)*(?:[+*]|\{\d+,\d*\})(?:[^()\\]|\\.)*\)(?:[+*]|\{\d+,)/.test(source)) return 'a repetition is repeated';
  try {
    new RegExp(source, 'u');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @param source one without a complaint */
export function compile(source: string): RegExp {
  return new RegExp(source, 'u');
}

function hasBareAlternative(source: string): boolean {
  let depth = 0;
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i];
    if (char === '\\') i++;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === '|' && depth === 0) return true;
  }
  return false;
}
