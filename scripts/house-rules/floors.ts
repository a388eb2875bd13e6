/**
 * Which packages a package may import: its own floor's rule of docs/decisions/0004-dependency-rules.md. What is not
 * named here may import nothing of ours.
 */
export const FLOORS: Readonly<Record<string, readonly string[]>> = {
  ledger: [],
  tokens: [],
  fhir: [],
  clinic: ['fhir'],
  convert: ['fhir'],
  population: ['fhir'],
  records: ['fhir', 'ledger', 'tokens'],
  viewing: ['fhir', 'ledger', 'tokens', 'records'],
  research: ['fhir', 'ledger', 'tokens', 'records'],
  chain: ['fhir', 'ledger', 'tokens', 'records'],
  server: [
    ...['fhir', 'ledger', 'tokens', 'clinic', 'convert', 'population'],
    ...['records', 'viewing', 'research', 'chain'],
  ],
  // the command works beside the server too: verifying, converting, key ceremonies
  cli: [
    ...['fhir', 'ledger', 'tokens', 'clinic', 'convert', 'population'],
    ...['records', 'viewing', 'research', 'chain', 'server'],
  ],
  // the browser knows the server by HTTP; of our code only what is isomorphic
  web: ['ledger', 'tokens', 'fhir'],
};
