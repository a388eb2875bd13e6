/** The parts of FHIR's definitional resources (R4) that validation and terminology read. */

export interface StructureDefinition {
  resourceType: 'StructureDefinition';
  url: string;
  name: string;
  version?: string;
  kind: 'primitive-type' | 'complex-type' | 'resource' | 'logical';
  abstract: boolean;
  type: string;
  baseDefinition?: string;
  derivation?: 'specialization' | 'constraint';
  snapshot?: { element: ElementDefinition[] };
  differential?: { element: ElementDefinition[] };
}

export interface ElementDefinition {
  id?: string;
  path: string;
  sliceName?: string;
  slicing?: Slicing;
  min?: number;
  max?: string;
  base?: { path: string };
  contentReference?: string;
  type?: ElementType[];
  maxLength?: number;
  constraint?: ElementConstraint[];
  isSummary?: boolean;
  binding?: { strength: string; valueSet?: string; extension?: DefinitionExtension[] };
  /** `fixed[x]`, `pattern[x]`, `minValue[x]` and the like. */
  [property: string]: unknown;
}

export interface Slicing {
  discriminator?: { type: 'value' | 'exists' | 'pattern' | 'type' | 'profile'; path: string }[];
  rules: 'closed' | 'open' | 'openAtEnd';
  ordered?: boolean;
}

export interface ElementType {
  code: string;
  profile?: string[];
  targetProfile?: string[];
  extension?: DefinitionExtension[];
}

export interface ElementConstraint {
  key: string;
  severity: 'error' | 'warning';
  human: string;
  expression?: string;
}

export interface DefinitionExtension {
  url: string;
  valueUrl?: string;
  valueString?: string;
  valueCanonical?: string;
}

export interface CodeSystem {
  resourceType: 'CodeSystem';
  url?: string;
  version?: string;
  name?: string;
  content?: string;
  caseSensitive?: boolean;
  concept?: CodeSystemConcept[];
}

export interface CodeSystemConcept {
  code: string;
  display?: string;
  definition?: string;
  property?: ({ code: string } & Record<string, unknown>)[];
  concept?: CodeSystemConcept[];
}

export interface ValueSet {
  resourceType: 'ValueSet';
  url?: string;
  version?: string;
  name?: string;
  compose?: { include?: ValueSetInclude[]; exclude?: ValueSetInclude[] };
  expansion?: { contains?: ValueSetContains[] };
}

export interface ValueSetInclude {
  system?: string;
  version?: string;
  concept?: { code: string; display?: string }[];
  filter?: { property: string; op: string; value: string }[];
  valueSet?: string[];
}

export interface ValueSetContains {
  system?: string;
  code?: string;
  display?: string;
  abstract?: boolean;
  contains?: ValueSetContains[];
}
