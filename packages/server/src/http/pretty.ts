const SPACES = '  ';

/**
 * Indents JSON text for people (`_pretty=true`) without parsing it, so that decimals keep their digits.
 * Takes text that is valid JSON without white space between its tokens, as the store writes it; other white space stays.
 */
export function indent(json: string): string {
  let out = '';
  let depth = 0;
  let from = 0;
  const copyTo = (at: number) => {
    out += json.slice(from, at);
    from = at;
  };
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') at = endOfString(json, at);
    else if (char === '{' || char === '[') {
      const empty = json[at + 1] === '}' || json[at + 1] === ']';
      copyTo(at + 1);
      if (empty) copyTo(++at + 1);
      else out += `\n${SPACES.repeat(++depth)}`;
    } else if (char === '}' || char === ']') {
      copyTo(at);
      out += `\n${SPACES.repeat(--depth)}`;
    } else if (char === ',') {
      copyTo(at + 1);
      out += `\n${SPACES.repeat(depth)}`;
    } else if (char === ':') {
      copyTo(at + 1);
      out += ' ';
    }
  }
  copyTo(json.length);
  return out;
}

function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === '\\') at++;
    else if (json[at] === '"') return at;
  }
  return json.length;
}
