/** Starts of the segments that begin or end a message or a batch; framing of MLLP may stand before them. */
const STARTS = /(?:^|[\r\n])[\v\s\u00ef\u00bb\u00bf]*(MSH|FHS|BHS|BTS|FTS)(?=[^A-Za-z0-9\s])/g;
/** End of an MLLP block. */
const FS = 0x1c;

/**
 * The messages of a file as bytes: one, several one after another, or a batch (FHS, BHS … BTS, FTS; HL7 v2.9 §2.10.3).
 * Character sets that may stand in MSH-18 have ASCII's line ends and capitals, except UTF-16 and UTF-32, whose files hold
 * one message.
 */
export function messagesIn(bytes: Uint8Array): Uint8Array[] {
  const wide =
    bytes.length > 1 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
  if (wide) return [bytes];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const starts = [...text.matchAll(STARTS)].map((match) => ({
    name: match[1] as string,
    at: match.index + match[0].length - 3,
  }));
  const messages: Uint8Array[] = [];
  starts.forEach(({ name, at }, index) => {
    if (name !== 'MSH') return;
    let end = starts[index + 1]?.at ?? text.length;
    while (end > at && isBlank(bytes[end - 1] as number)) end--;
    messages.push(bytes.subarray(at, end));
  });
  return messages;
}

function isBlank(byte: number): boolean {
  return byte === FS || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
