/** The characters that structure a message (HL7 v2.9 §2.5.4): the first eight or nine of MSH. */
export interface Delimiters {
  field: string;
  component: string;
  repetition: string;
  escape: string;
  subcomponent: string;
  /** Since 2.7; undefined where MSH-2 does not name it. */
  truncation: string | undefined;
}

export const STANDARD_DELIMITERS: Delimiters = {
  field: '|',
  component: '^',
  repetition: '~',
  escape: '\\',
  subcomponent: '&',
  truncation: undefined,
};
