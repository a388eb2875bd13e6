/** What tests look at in the JSON of answers and of samples, whatever it is. */
export interface Json {
  resourceType?: string;
  id?: string;
  type?: string;
  total?: number;
  meta?: { versionId?: string; lastUpdated?: string };
  entry?: JsonEntry[];
  link?: { relation: string; url: string }[];
  issue?: { severity: string; code: string; diagnostics?: string }[];
  [element: string]: unknown;
}

export interface JsonEntry {
  fullUrl?: string;
  resource?: Json;
  search?: { mode: string };
  request?: { method: string; url: string };
  response?: { status: string; location?: string; etag?: string };
}

/** The resources of a Bundle's entries. */
export function resourcesOf(bundle: Json): Json[] {
  return (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource] : []));
}

/** The URL behind a link of a Bundle, such as `next`. */
export function linkOf(bundle: Json, relation: string): string | undefined {
  return bundle.link?.find((link) => link.relation === relation)?.url;
}
