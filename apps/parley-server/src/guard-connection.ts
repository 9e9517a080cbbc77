import type { ParleySocket } from './socket-events.ts';

const WINDOW_MS = 10_000;
/** A client says who it is, answers a ping every 25 s, says every two seconds that its person writes, and goodbye: it never has more to say. */
const MOST_SAID = 20;
/** Events are about 150 bytes each. Who is so far behind asks for what it missed when it is back. */
const MOST_UNSENT = 2_000;

/** Cuts a connection that talks without end, or that does not take what it is sent: neither may cost us memory. */
export function guardConnection(connection: ParleySocket['conn']): void {
  let windowEndsMs = 0;
  let said = 0;
  let unsent = 0;
  connection.on('packet', () => {
    const nowMs = performance.now();
    if (nowMs > windowEndsMs) [said, windowEndsMs] = [0, nowMs + WINDOW_MS];
    said += 1;
    if (said > MOST_SAID) cut(connection);
  });
  connection.on('packetCreate', () => {
    unsent += 1;
    if (unsent > MOST_UNSENT) cut(connection);
  });
  // All that waited was handed over to the transport.
  connection.on('drain', () => {
    unsent = 0;
  });
}

/** A polite end would wait half a minute for an answer that such a client does not give. */
function cut(connection: ParleySocket['conn']): void {
  connection.close(true);
  connection.request.socket.destroy();
}
