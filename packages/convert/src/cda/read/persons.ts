import { ADDRESS_USE, NAME_USE, TELECOM_SYSTEM, TELECOM_USE } from '../concept-maps.ts';
import type { XmlElement } from '../xml.ts';
import { interval } from './datatypes.ts';
import type { Reading } from './reading.ts';

/** PN and EN: given and family names with prefix, suffix and use; a name that is only text stays text. */
export function humanName(element: XmlElement, reading: Reading): Record<string, unknown> | undefined {
  const parts = (name: string): string[] => {
    const found: string[] = [];
    for (const part of element.all(name)) {
      const said = part.text().replace(/\s+/g, ' ').trim();
      if (said === '') continue;
      part.read = true;
      found.push(said);
    }
    return found;
  };
  const given = parts('given');
  const family = parts('family').join(' ');
  const [prefix, suffix] = [parts('prefix'), parts('suffix')];
  const plain = element.text().replace(/\s+/g, ' ').trim();
  if (plain === '') return undefined;
  element.read = true;
  const birthName = [...element.all('given'), ...element.all('family')].some(
    (part) => part.attributes.qualifier === 'BR',
  );
  const use = birthName ? 'maiden' : nameUse(element.attributes.use);
  const isText = given.length === 0 && family === '';
  const period = interval(element.child('validTime'), reading).period;
  return { use, ...(isText ? { text: plain } : { family, given }), prefix, suffix, period };
}

function nameUse(use: string | undefined): string | undefined {
  for (const code of use?.split(' ') ?? []) if (NAME_USE[code] !== undefined) return NAME_USE[code];
  return undefined;
}

export function address(element: XmlElement, reading: Reading): Record<string, unknown> | undefined {
  const parts = (name: string): string[] => {
    const found: string[] = [];
    for (const part of element.all(name)) {
      const said = part.text().replace(/\s+/g, ' ').trim();
      if (said === '') continue;
      part.read = true;
      found.push(said);
    }
    return found;
  };
  const plain = element.text().replace(/\s+/g, ' ').trim();
  if (plain === '') return undefined;
  element.read = true;
  const line = [...parts('streetAddressLine'), ...parts('streetName'), ...parts('houseNumber')];
  const fields = {
    line,
    city: parts('city')[0],
    district: parts('county')[0],
    state: parts('state')[0],
    postalCode: parts('postalCode')[0],
    country: parts('country')[0],
  };
  const use = element.attributes.use?.split(' ').find((code) => ADDRESS_USE[code] !== undefined);
  const period = interval(element.child('useablePeriod'), reading).period;
  const isText = line.length === 0 && Object.values(fields).every((value) => value === undefined || value === line);
  return { use: use && ADDRESS_USE[use], ...(isText ? { text: plain } : fields), period };
}

export function telecom(element: XmlElement): Record<string, unknown> | undefined {
  const value = element.attributes.value?.trim();
  if (!value) return undefined;
  element.read = true;
  const scheme = /^([a-z-]+):(.*)$/is.exec(value);
  const known = scheme ? TELECOM_SYSTEM[scheme[1]?.toLowerCase() ?? ''] : undefined;
  const use = element.attributes.use?.split(' ').find((code) => TELECOM_USE[code] !== undefined);
  const system =
    known ?? (/^[\w.+-]+@[\w.-]+$/.test(value) ? 'email' : /^[+()\d\s.-]{5,}$/.test(value) ? 'phone' : 'other');
  const address = known !== undefined && known !== 'url' ? scheme?.[2]?.trim() : value;
  return address ? { system, value: address, use: use && TELECOM_USE[use] } : undefined;
}
