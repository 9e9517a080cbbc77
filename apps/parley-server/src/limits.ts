/** How long anybody waits for anything here, in milliseconds. All of it is bounded. */
export const LIMITS = {
  /** For a client: its headers, then its body, or a file; a byte to move. And the client for our answer. */
  request: {
    headersMs: 10_000,
    wholeMs: 15_000,
    fileMs: 120_000,
    silentMs: 30_000,
    answerMs: 9_000,
    checkEveryMs: 1_000,
  },
  /** For a connection, for a statement, for an answer that never comes, and for a goodbye. */
  database: { connectMs: 3_000, statementMs: 5_000, answerMs: 6_000, goodbyeMs: 1_000 },
  /** The connection that listens is asked every `watchMs` whether it is still there. */
  listening: { connectMs: 3_000, answerMs: 2_000, goodbyeMs: 500, watchMs: 5_000 },
};

export type Limits = typeof LIMITS;
