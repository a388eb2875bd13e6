import { type JsonDataSet, jsonText } from './json-model.ts';

/** `20040119` as `2004-01-19`, also in the form of old editions with dots; undefined where it is no date (PS3.5 §6.2, DA). */
export function fhirDate(text: string | undefined): string | undefined {
  const [, year, month, day] = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(text ?? '') ?? [];
  if (year === undefined) return undefined;
  const date = `${year}-${month}-${day}`;
  const at = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date) ? date : undefined;
}

/**
 * Date and time of a data set as a FHIR dateTime. A time without its zone (Timezone Offset From UTC, (0008,0201)) would be
 * a guess, so then only the day is said.
 */
export function fhirDateTime(json: JsonDataSet, dateTag: string, timeTag: string): string | undefined {
  const date = fhirDate(jsonText(json, dateTag));
  const [, hours, minutes, seconds = '00'] = /^(\d{2}):?(\d{2}):?(\d{2})?/.exec(jsonText(json, timeTag) ?? '') ?? [];
  const [, sign, zoneHours, zoneMinutes] = /^([+-])(\d{2})(\d{2})$/.exec(jsonText(json, '00080201') ?? '') ?? [];
  if (date === undefined || hours === undefined || sign === undefined) return date;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return date;
  return `${date}T${hours}:${minutes}:${seconds}${sign}${zoneHours}:${zoneMinutes}`;
}
