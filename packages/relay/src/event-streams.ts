import type { ServerResponse } from 'node:http';
import { inSlices } from './in-slices.ts';

export interface StreamLimits {
  /** How many may listen to one process. */
  readonly maxStreams: number;
  /** A comment after so much silence, by which either side notices that the other is gone. */
  readonly heartbeatMs: number;
  /** A client that lost its stream waits so long, each a time of its own, so that ten thousand do not come back at once. */
  readonly retryMs: { readonly least: number; readonly most: number };
  /** Of a client that does not read. It is cut off, and asks anew when it comes back. */
  readonly maxUnreadBytes: number;
}

/** What the flags were when something was told. */
export interface FlagsVersion {
  readonly revision: number;
  readonly digest: string;
}

/** Everybody who listens for changes, by server-sent events: told that there is something new, never what. */
export interface EventStreams {
  /** False when there is no room. `lastSeen` is the id of the last event that the client got, where it was here before. */
  add(response: ServerResponse, headers: Record<string, string>, lastSeen: string | undefined): boolean;
  announce(): void;
  size(): number;
  /** Ends all, and takes no more. */
  close(): void;
}

/** About a millisecond of writing. */
const writesPerSlice = 50;

export function eventStreams(limits: StreamLimits, version: () => FlagsVersion | undefined): EventStreams {
  const open = new Set<ServerResponse>();
  const slices = inSlices<ServerResponse>(writesPerSlice);
  let closed = false;
  const write = (response: ServerResponse, text: string): void => {
    if (response.writableLength > limits.maxUnreadBytes) response.destroy();
    else response.write(text);
  };
  const heartbeat = setInterval(() => {
    // Whoever is about to be told of a change will hear from us anyway.
    const silent = [...open].filter((response) => !slices.isWaiting(response));
    slices.begin(silent, (response) => write(response, ': still here\n\n'));
  }, limits.heartbeatMs);
  heartbeat.unref();
  return {
    add(response, headers, lastSeen) {
      if (closed || open.size >= limits.maxStreams) return false;
      open.add(response);
      response.once('close', () => {
        open.delete(response);
        slices.forget(response);
      });
      // A stream that breaks closes as well; there is nobody to tell.
      response.on('error', () => undefined);
      // It ends when the connection does, so that no chunk of it needs a length: that halves the work of telling a thousand.
      response.removeHeader('transfer-encoding');
      response.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        // Of no use for another request when it ends, and one that is kept would hold up the end of the server.
        connection: 'close',
      });
      response.write(`retry: ${retryOf(limits)}\n: listening\n\n`);
      const now = version();
      if (lastSeen !== undefined && now !== undefined && lastSeen !== idOf(now))
        write(response, eventOf(now));
      return true;
    },
    announce() {
      const now = version();
      if (now === undefined) return;
      const text = eventOf(now);
      slices.begin(open, (response) => write(response, text));
    },
    size: () => open.size,
    close() {
      closed = true;
      clearInterval(heartbeat);
      open.forEach((response) => {
        slices.forget(response);
        response.end();
      });
    },
  };
}

function retryOf({ retryMs: { least, most } }: StreamLimits): number {
  return Math.round(least + Math.random() * (most - least));
}

const idOf = ({ revision, digest }: FlagsVersion): string => `${revision}-${digest.slice(0, 16)}`;

function eventOf(version: FlagsVersion): string {
  const data = { type: 'refetchEvaluation', etag: `"${version.digest}"` };
  return `id: ${idOf(version)}\nevent: message\ndata: ${JSON.stringify(data)}\n\n`;
}
