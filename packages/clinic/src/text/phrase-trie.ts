import { type Token, tokenize } from './tokens.ts';

interface Node<T> {
  next: Map<string, Node<T>>;
  values: T[];
}

/** A phrase that was found: tokens `[from, to)` and what it stands for. */
export interface PhraseMatch<T> {
  from: number;
  to: number;
  value: T;
}

/** Phrases of any language and script, found in tokens by the longest that begins at each place. */
export class PhraseTrie<T> {
  readonly #root: Node<T> = { next: new Map(), values: [] };

  /** Adds a phrase; one phrase may stand for several values. */
  add(phrase: string, value: T): void {
    let node = this.#root;
    for (const { text } of tokenize(phrase)) {
      const found = node.next.get(text) ?? { next: new Map(), values: [] };
      node.next.set(text, found);
      node = found;
    }
    if (!node.values.includes(value)) node.values.push(value);
  }

  /** The longest phrase that begins at a token and ends by `limit`: where it ends, and its values. */
  at(tokens: readonly Token[], from: number, limit = tokens.length): { to: number; values: readonly T[] } | undefined {
    let node = this.#root;
    let best: { to: number; values: readonly T[] } | undefined;
    for (let at = from; at < limit; at++) {
      const next = node.next.get(tokens[at]?.text ?? '');
      if (!next) break;
      node = next;
      if (node.values.length > 0) best = { to: at + 1, values: node.values };
    }
    return best;
  }

  /** All phrases in tokens `[from, to)`, the longest first come, none overlapping another. */
  *matches(tokens: readonly Token[], from = 0, to = tokens.length): Generator<PhraseMatch<T>> {
    for (let at = from; at < to; ) {
      const found = this.at(tokens, at, to);
      if (!found) {
        at++;
        continue;
      }
      for (const value of found.values) yield { from: at, to: found.to, value };
      at = found.to;
    }
  }
}
