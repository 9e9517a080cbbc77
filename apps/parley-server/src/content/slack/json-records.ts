import { kindOf } from './slack-json.ts';

/** A channel may list everybody whom an export may have; a message has a few dozen. */
const MOST_VALUES = 250_000;

const [QUOTE, ESCAPE, COMMA] = [0x22, 0x5c, 0x2c];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The records of a JSON list, each parsed when it is asked for. Parsed as a whole, 64 MB of nothing but different keys
 * take minutes, in which nothing else happens, and a gigabyte.
 * @param text a JSON text that begins with a list
 * @throws at the record that is broken or has too many values, or when the list has no end or something behind it
 */
export function* jsonRecords(text: string): Generator {
  let start = text.indexOf('[') + 1;
  for (let index = 0; ; index += 1) {
    const end = endOfRecord(text, start, index);
    const record = text.slice(start, end);
    const isLast = text.charCodeAt(end) === LIST_END;
    const isEmptyList = isLast && index === 0 && record.trim() === '';
    if (!isEmptyList) yield parse(record, index);
    start = end + 1;
    if (isLast) break;
  }
  if (text.slice(start).trim() !== '') throw new Error('something follows its list: it is not valid JSON');
}

/** What a JSON text is as a whole: `list`, or what it is instead of one. @throws when it is nothing at all */
export function kindOfJson(text: string): string {
  const [first] = text.trimStart();
  if (first === '[') return 'list';
  // Not read any further: see above.
  return first === '{' ? 'object' : kindOf(JSON.parse(text));
}

function parse(record: string, index: number): unknown {
  try {
    return JSON.parse(record);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`record ${index} is not valid JSON: ${reason}`, { cause });
  }
}

/** The place of the comma or bracket behind the record that begins at `start`. */
function endOfRecord(text: string, start: number, index: number): number {
  let [depth, values] = [0, 1];
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (depth === 0 && (code === COMMA || code === LIST_END)) return at;
    else if (code === LIST_END || code === OBJECT_END) depth -= 1;
    else if (code === LIST || code === OBJECT) depth += 1;
    if (code === COMMA || code === LIST || code === OBJECT) values += 1;
    if (values > MOST_VALUES) {
      throw new Error(`record ${index} has over ${MOST_VALUES} values; expected no more`);
    }
  }
  throw new Error(`its list has no end behind record ${index}: it is not valid JSON`);
}

/** The place of the closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === ESCAPE ? 2 : 1;
  return at;
}
