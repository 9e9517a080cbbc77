/** The channel that Socket.IO's Postgres adapter listens to, in every process. */
export const CHANNEL_PREFIX = 'parley';
export const CHANNEL = `${CHANNEL_PREFIX}#/`;

const BROADCAST = 3;
const SOCKETS_JOIN = 4;
const SOCKETS_LEAVE = 5;
const DISCONNECT_SOCKETS = 6;

/**
 * SQL that tells every process to emit `event` to the sockets of a room, in the form in which the adapter's own
 * emitter does it. Inside the statement that writes, because Postgres delivers notifications when a transaction
 * commits and in the order of commits: nobody hears of what is rolled back, nothing is lost when this process
 * dies in between, and a conversation's messages are announced in the order of their numbers.
 * @param room SQL expression of type text
 * @param data SQL expression of type json: ids and counters, never bodies
 */
export function notifyRoom(event: string, room: string, data: string): string {
  return notifyRooms(event, `json_build_array(${room})`, data);
}

/** The same for many rooms at once, of which a notification takes a hundred and some. @param rooms of type json */
export function notifyRooms(event: string, rooms: string, data: string): string {
  return notify(BROADCAST, `'packet', ${packetOf(event, data)}`, rooms);
}

/** SQL that tells every process to close the sockets of a room. */
export function notifyDisconnect(room: string): string {
  return notify(DISCONNECT_SOCKETS, `'close', true`, `json_build_array(${room})`);
}

/**
 * SQL that puts the sockets of these rooms into another one, in every process. In the order of commits, as messages are: whoever came
 * in hears of all that is sent after that, and whoever left of nothing. @param rooms of type json
 */
export function notifyJoin(rooms: string, room: string): string {
  return notify(SOCKETS_JOIN, `'rooms', json_build_array(${room})`, rooms);
}

/** SQL that takes them out of it. */
export function notifyLeave(rooms: string, room: string): string {
  return notify(SOCKETS_LEAVE, `'rooms', json_build_array(${room})`, rooms);
}

const packetOf = (event: string, data: string): string =>
  `json_build_object('type', 2, 'nsp', '/', 'data', json_build_array('${event}', ${data}))`;

function notify(type: number, data: string, rooms: string): string {
  const options = `json_build_object('rooms', ${rooms}, 'except', json_build_array(), 'flags', json_build_object())`;
  const message = `json_build_object('uid', 'emitter', 'type', ${type}, 'nsp', '/', 'data', json_build_object(${data}, 'opts', ${options}))`;
  return `pg_notify('${CHANNEL}', ${message}::text)::text`;
}
