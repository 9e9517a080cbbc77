import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

/** A WebSocket of Engine.IO that says what it is told to, and reads only while it is asked to. */
export type RawSocket = {
  /** Everything the server said, as far as it was read. */
  heard(): string;
  say(text: string): void;
  sayGoodbye: () => void;
  /** Stops reading: what the server sends from now on stays where it is. */
  stopReading(): void;
  isClosed(): boolean;
  closed: Promise<void>;
  end(): void;
};

const TEXT = 0x81;
const MASKED = 0x80;
const CLOSE = 0x88;
const GOODBYE = Buffer.from([CLOSE, MASKED, 0, 0, 0, 0]);

export async function openRawSocket(port: number): Promise<RawSocket> {
  const socket = net.connect(port, '127.0.0.1');
  let unread = Buffer.alloc(0);
  let heard = '';
  let isClosed = false;
  socket.on('error', () => {}); // A server may cut off what it refuses.
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true;
      resolve();
    });
  });
  await once(socket, 'connect');
  const key = randomBytes(16).toString('base64');
  socket.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n' +
      `connection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
  );
  const opened = Promise.withResolvers<void>();
  socket.on('data', (bytes) => {
    unread = Buffer.concat([unread, bytes]);
    if (unread.subarray(0, 4).equals(Buffer.from('HTTP'))) {
      const end = unread.indexOf('\r\n\r\n');
      if (end === -1) return;
      unread = unread.subarray(end + 4);
      opened.resolve();
    }
    for (let frame = firstFrame(unread); frame !== undefined; frame = firstFrame(unread)) {
      if (frame.type === CLOSE) socket.end(GOODBYE);
      else heard += `${frame.text}\n`;
      unread = unread.subarray(frame.length);
    }
  });
  await Promise.race([opened.promise, closed]);
  return {
    heard: () => heard,
    say: (text) => void socket.write(frameOf(text)),
    sayGoodbye: () => void socket.write(GOODBYE),
    stopReading: () => void socket.pause(),
    isClosed: () => isClosed,
    closed,
    end: () => void socket.destroy(),
  };
}

/** A server does not mask. Undefined: not all of it is there yet. */
function firstFrame(bytes: Buffer): { type: number; text: string; length: number } | undefined {
  const [type, short] = bytes;
  if (type === undefined || short === undefined) return undefined;
  const isLong = short === 126;
  if (isLong && bytes.length < 4) return undefined;
  const start = isLong ? 4 : 2;
  const length = start + (isLong ? bytes.readUInt16BE(2) : short);
  return bytes.length < length ? undefined : { type, text: bytes.toString('utf8', start, length), length };
}

/** A client must mask what it says; with zeros, the text stays as it is. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? Buffer.from([TEXT, MASKED | length]) : Buffer.alloc(4);
  if (length >= 126) {
    head.set([TEXT, MASKED | 126]);
    head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}
