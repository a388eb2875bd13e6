/** Types of search parameters (FHIR R4, Search §3.1.1.4) that Meridian indexes. `special` ones are not. */
export type SearchParameterType =
  | 'number'
  | 'date'
  | 'string'
  | 'token'
  | 'reference'
  | 'composite'
  | 'quantity'
  | 'uri';

/** One search parameter of one resource type. */
export interface SearchParameter {
  /** The code in the URL, such as `combo-code`. */
  name: string;
  type: SearchParameterType;
  /** Canonical URL of the SearchParameter resource. */
  url: string;
  description: string;
  /** FHIRPath of the elements it reads, restricted to this resource type. */
  expression: string;
  /**
   * The index keys that hold its values. Usually its own name; a parameter whose elements others already index is
   * answered from those (`Observation.patient` from `subject`, `combo-code` from `code` and `component-code`), so that
   * nothing is indexed twice. The extractor emits values only for keys that some parameter lists here.
   */
  index: readonly string[];
  /** For references: the resource types it may point to (empty: any). `patient` lists only `Patient`. */
  target: readonly string[];
  /** For composites: the names of its component parameters, in order. */
  components: readonly { name: string; type: SearchParameterType }[];
  /** Whether one resource can hold more than one value. */
  multiple: boolean;
}
