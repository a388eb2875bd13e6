import { crc32, deflateRawSync } from 'node:zlib';

/** A ZIP package (APPNOTE 6.3.10). `claimed` is what the directory says that each part unpacks to, true or not. */
export function zip(parts: Readonly<Record<string, string | Buffer>>, claimed?: number): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(parts)) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes, { level: 9 });
    const facts = Buffer.alloc(22);
    facts.writeUInt16LE(8, 4);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(claimed ?? bytes.length, 18);
    const length = Buffer.alloc(4);
    length.writeUInt16LE(name.length, 0);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const local = [Buffer.from('PK\x03\x04', 'latin1'), facts, length, Buffer.from(name), packed];
    locals.push(...local);
    directory.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), facts, length, place, Buffer.from(name));
    at += Buffer.concat(local).length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(parts).length, 8);
  end.writeUInt16LE(Object.keys(parts).length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

const NAMESPACE = 'http://schemas.openxmlformats.org';

/** The smallest Word document with this body (WordprocessingML). */
export function wordDocument(body: string): Buffer {
  const main = `${NAMESPACE}/officeDocument/2006/relationships/officeDocument`;
  return zip({
    '[Content_Types].xml': `<Types xmlns="${NAMESPACE}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${NAMESPACE}/package/2006/relationships"><Relationship Id="r" Type="${main}" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': `<w:document xmlns:w="${NAMESPACE}/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
  });
}
