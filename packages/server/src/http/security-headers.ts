/**
 * Headers of every answer of the API. It serves data and no pages, so a browser is told to run, frame, sniff and keep
 * nothing (OWASP REST Security Cheat Sheet; RFC 9111 for no-store: shared caches must not hold records).
 *
 * Answers are not compressed: secrets and text that a caller chose share an answer, which is what BREACH needs, and on
 * a hospital's network the processor is scarcer than the line. Bulk files are stored compressed anyway.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};
