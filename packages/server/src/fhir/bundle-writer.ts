/**
 * Writes a Bundle around bytes that are resources already: nothing stored is parsed or serialised again on its way out.
 */
export class BundleWriter {
  readonly #parts: Buffer[] = [];
  #entries = 0;

  /** @param opening the Bundle's elements before `entry`, `resourceType` and `type` included */
  constructor(opening: Readonly<Record<string, unknown>>) {
    const text = JSON.stringify(opening);
    this.#parts.push(Buffer.from(text.slice(0, -1)));
  }

  /**
   * @param fields elements of the entry around `resource`, as JSON members without braces; `before` and `after` it
   */
  add(before: string, resource: Buffer | undefined, after: string): void {
    let opening = this.#entries++ === 0 ? ',"entry":[{' : ',{';
    opening += before;
    if (resource) {
      opening += before === '' ? '"resource":' : ',"resource":';
      this.#parts.push(Buffer.from(opening), resource);
      this.#parts.push(Buffer.from(after === '' ? '}' : `,${after}}`));
    } else {
      const comma = before !== '' && after !== '' ? ',' : '';
      this.#parts.push(Buffer.from(`${opening}${comma}${after}}`));
    }
  }

  get entries(): number {
    return this.#entries;
  }

  /** The whole Bundle. A Bundle without entries has no `entry` (FHIR JSON has no empty arrays). */
  end(): Buffer {
    this.#parts.push(Buffer.from(this.#entries > 0 ? ']}' : '}'));
    return Buffer.concat(this.#parts);
  }
}
