const UTF8 = new TextDecoder('utf-8', { fatal: true });

const [QUOTE, ESCAPE, COMMA] = [0x22, 0x5c, 0x2c];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The text of a JSON file, with or without a byte order mark.
 * @param mostRecords how many records its list may have
 * @throws when it has more, or is not UTF-8: decoding it somehow would change what people wrote.
 */
export function decodeJsonText(bytes: Buffer, mostRecords = Number.POSITIVE_INFINITY): string {
  const records = recordsIn(bytes);
  if (records > mostRecords) throw new Error(`it has ${records} records; expected at most ${mostRecords}`);
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new Error(`it is not text in UTF-8${isUtf16(bytes) ? ' but in UTF-16' : ''}`, { cause });
  }
}

/** How many values the outermost list has, when it is whole and not empty. */
function recordsIn(bytes: Buffer): number {
  let [records, depth] = [1, 0];
  let isInText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) isInText = !isInText;
    else if (isInText) at += byte === ESCAPE ? 1 : 0;
    else if (byte === LIST || byte === OBJECT) depth += 1;
    else if (byte === LIST_END || byte === OBJECT_END) depth -= 1;
    else if (byte === COMMA && depth === 1) records += 1;
  }
  return records;
}

function isUtf16(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}
