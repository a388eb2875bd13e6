import type { Finding } from './tree.ts';

const MAX_LINES = 400;

/** What must not stand in the repository, because it is true on one machine only. */
const FORBIDDEN: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /(?:^|[\s'"`(=:])\/(?:work|home|Users)\/[\w.-]+/, what: "a path of someone's machine" },
  { pattern: /[A-Z]:\\Users\\/, what: "a path of someone's machine" },
  { pattern: /\bregistry\.(?:npm|yarn|node)[\w.-]*\.\w+/i, what: 'the host of a package registry' },
  {
    pattern: /\bhttps?:\/\/[\w.-]*(?:artifactory|verdaccio|nexus|goproxy|pypi)[\w.-]*/i,
    what: 'the host of a package registry',
  },
  { pattern: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*\S{20}/, what: 'a private key' },
];

/** Lines that only make sense on one machine or give something away. */
export function checkWords(path: string, text: string): Finding[] {
  return text.split('\n').flatMap((line, index) =>
    FORBIDDEN.filter(({ pattern }) => pattern.test(line)).map(({ what }) => ({
      path: `${path}:${index + 1}`,
      message: `holds ${what}`,
    })),
  );
}

/** Files that have grown too long to read. */
export function checkLength(path: string, text: string): Finding[] {
  const lines = text.split('\n').length;
  return lines > MAX_LINES ? [{ path, message: `has ${lines} lines: more than one concept?`, warning: true }] : [];
}
