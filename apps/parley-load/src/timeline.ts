import type { Page } from './parley-shapes.ts';
import type { Violation } from './violation.ts';

/** Enough to meet a message again while paging; a whole history for everybody would be a lot of memory. */
const REMEMBERED = 120;

/**
 * One person's view of a conversation they follow. Socket events say how far it reaches (`announced`), pages bring the
 * messages; `seenSeq` grows only over messages that were seen without a gap.
 */
export class Timeline {
  readonly conversationId: string;
  /** Everything from where this person came in up to here has been seen. */
  seenSeq: number;
  /** The oldest message on the person's screen: paging back starts there. */
  oldestSeq: number;
  announcedSeq = 0;
  #isUncertain = false;
  readonly #idBySeq = new Map<number, string>();

  constructor(conversationId: string, firstPage: Page) {
    this.conversationId = conversationId;
    this.seenSeq = firstPage.messages.at(-1)?.seq ?? 0;
    this.oldestSeq = firstPage.messages[0]?.seq ?? 1;
    this.#remember(firstPage);
  }

  get isBehind(): boolean {
    return this.#isUncertain || this.announcedSeq > this.seenSeq;
  }

  announce(seq: number): void {
    this.announcedSeq = Math.max(this.announcedSeq, seq);
  }

  mayHaveMissed(): void {
    this.#isUncertain = true;
  }

  /** Takes in a page that has passed `checkPage`. A page further down than what was seen leaves a gap: catch up later. */
  see(page: Page): Violation[] {
    const violations = this.#compare(page);
    const first = page.messages[0];
    const last = page.messages.at(-1);
    if (first !== undefined && last !== undefined) {
      if (first.seq <= this.seenSeq + 1 && last.seq > this.seenSeq) this.seenSeq = last.seq;
      else if (first.seq > this.seenSeq + 1) this.announce(last.seq);
    }
    if (!page.hasMoreAfter) this.#isUncertain = false;
    this.#remember(page);
    return violations;
  }

  pagedBackTo(seq: number): void {
    this.oldestSeq = Math.min(this.oldestSeq, seq);
  }

  #compare(page: Page): Violation[] {
    return page.messages.flatMap(({ seq, id }) => {
      const before = this.#idBySeq.get(seq);
      if (before === undefined || before === id) return [];
      const expected = `${before}, as seen before`;
      return [{ violation: 'changed', conversationId: this.conversationId, seq, id, expected, found: id }];
    });
  }

  #remember(page: Page): void {
    for (const { seq, id } of page.messages) {
      this.#idBySeq.delete(seq);
      this.#idBySeq.set(seq, id);
    }
    for (const seq of this.#idBySeq.keys()) {
      if (this.#idBySeq.size <= REMEMBERED) return;
      this.#idBySeq.delete(seq);
    }
  }
}
