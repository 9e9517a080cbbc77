import { TerminalError } from '@crossfade/engine';

/** Trying again with the same token cannot help: another controller leads. */
export function fencedError(token: number, leaderToken: number): TerminalError {
  return new TerminalError(
    `the lease token ${token} is no longer the leader's (the newest is ${leaderToken}): nothing was written`,
  );
}
