/** What a `Prefer` header asks (RFC 7240; FHIR R4, RESTful API §3.1.0.1.9). Unknown preferences are ignored. */
export interface Preferences {
  return: 'minimal' | 'representation' | 'OperationOutcome' | undefined;
  handling: 'strict' | 'lenient';
  respondAsync: boolean;
}

const NONE: Preferences = { return: undefined, handling: 'lenient', respondAsync: false };

export function parsePrefer(header: string | undefined): Preferences {
  if (header === undefined) return NONE;
  const preferences: Preferences = { ...NONE };
  for (const part of header.split(/[,;]/, 20)) {
    const [name, value] = part.split('=', 2).map((side) => side.trim().replace(/^"(.*)"$/, '$1'));
    if (name === 'respond-async') preferences.respondAsync = true;
    else if (name === 'handling' && value === 'strict') preferences.handling = 'strict';
    else if (name === 'return') preferences.return = returnOf(value);
  }
  return preferences;
}

function returnOf(value: string | undefined): Preferences['return'] {
  return value === 'minimal' || value === 'representation' || value === 'OperationOutcome' ? value : undefined;
}
