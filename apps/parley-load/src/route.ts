const FIRST_ABSENCE_MS = 2_000;
const LONGEST_ABSENCE_MS = 30_000;

/**
 * Which of the servers one person talks to: their own, or the other one while theirs seems to be gone. After a while
 * one request tries whether it is back; each time it is not, the next try comes later.
 */
export class Route {
  readonly home: number;
  readonly #servers: number;
  readonly #absentUntilMs: number[];
  readonly #absences: number[];

  constructor(home: number, servers: number) {
    this.home = home % servers;
    this.#servers = servers;
    this.#absentUntilMs = Array.from({ length: servers }, () => 0);
    this.#absences = Array.from({ length: servers }, () => 0);
  }

  /** The server for the next try. */
  choose(nowMs: number): number {
    if (this.#isPresent(this.home, nowMs)) {
      // Only this one request tries an absent server: the others stay where they are until it has answered.
      if (this.#absences[this.home] !== 0) this.#absentUntilMs[this.home] = nowMs + FIRST_ABSENCE_MS;
      return this.home;
    }
    for (let server = 0; server < this.#servers; server += 1) {
      if (this.#isPresent(server, nowMs)) return server;
    }
    // Everybody is gone: whoever has been gone for longest may be back first.
    return this.#absentUntilMs.indexOf(Math.min(...this.#absentUntilMs));
  }

  answered(server: number): void {
    this.#absences[server] = 0;
    this.#absentUntilMs[server] = 0;
  }

  gone(server: number, nowMs: number): void {
    const absences = this.#absences[server] ?? 0;
    this.#absences[server] = absences + 1;
    this.#absentUntilMs[server] = nowMs + Math.min(LONGEST_ABSENCE_MS, FIRST_ABSENCE_MS * 2 ** absences);
  }

  #isPresent(server: number, nowMs: number): boolean {
    return (this.#absentUntilMs[server] ?? 0) <= nowMs;
  }
}
