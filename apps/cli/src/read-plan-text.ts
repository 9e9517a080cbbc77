import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { Refusal } from './exit-codes.ts';
import { planFolderLimits } from './plan-folder-limits.ts';

const largestBytes = planFolderLimits.largestFileBytes;
const chunkBytes = 65_536;

/**
 * Reads a text file of a plan. Never more than 1,000,000 bytes of it, and never from what is no file: a pipe would keep us
 * waiting, and /dev/zero has no end. A byte order mark is left out, and lines end with LF whatever the file's, so that a
 * check-out on another system is the same plan.
 * @throws Refusal that names the file, the place in it, what is wrong and what was expected.
 */
export function readPlanText(path: string): string {
  const bytes = readBytes(path);
  if (bytes.length > largestBytes)
    throw new Refusal(`${path} is too large: expected at most ${largestBytes} bytes in a file of a plan`);
  if (!isUtf8(bytes)) throw new Refusal(notUtf8(bytes, path));
  const text = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');
  const nul = text.indexOf('\0');
  if (nul >= 0) throw new Refusal(`${path}:${placeIn(text, nul)} holds a NUL character: expected text`);
  return text;
}

function readBytes(path: string): Buffer {
  // Not to wait for somebody at the other end of a pipe.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) throw new Refusal(`${path} is no file: expected a text file`);
    // By what can be read, not by what the file says of its size: it may grow, and those of /proc say 0.
    const chunks: Buffer[] = [];
    let length = 0;
    while (length <= largestBytes) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = readSync(file, chunk, 0, chunkBytes, null);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(file);
  }
}

function notUtf8(bytes: Buffer, path: string): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return `${path} is written in UTF-16: expected text in UTF-8`;
  return `${path}:${firstInvalidPlace(bytes)} is not text in UTF-8: expected a text file in UTF-8`;
}

/** Where a decoder puts the first replacement character that is not in the file itself. */
function firstInvalidPlace(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  const replacement = '\u{fffd}';
  let at = text.indexOf(replacement);
  let offset = Buffer.byteLength(text.slice(0, at));
  while (bytes.toString('latin1', offset, offset + 3) === '\xef\xbf\xbd') {
    const next = text.indexOf(replacement, at + 1);
    offset += Buffer.byteLength(text.slice(at, next));
    at = next;
  }
  return placeIn(text, at);
}

/** `3:14`, from 1. */
function placeIn(text: string, at: number): string {
  const before = text.slice(0, at);
  return `${before.split('\n').length}:${at - before.lastIndexOf('\n')}`;
}
