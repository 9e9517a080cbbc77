import { Socket } from 'node:net';

export type CuttableSockets = {
  /** A socket for `pg` to connect with: its option `stream`. */
  create: () => Socket;
  /** Ends all that are open, whatever waits on them. */
  cut: () => void;
};

/** A polite end waits for a server that may be gone: who makes the sockets can cut them. */
export function createCuttableSockets(): CuttableSockets {
  const open = new Set<Socket>();
  return {
    create: () => {
      const socket = new Socket();
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    cut: () => open.forEach((socket) => socket.destroy()),
  };
}
