import type { Message, Page } from './parley-shapes.ts';
import type { Violation } from './violation.ts';

/** Which page was asked for. `around` is virtual scrolling's. */
export type PageKey =
  | { readonly key: 'newest' }
  | { readonly key: 'before' | 'after' | 'around'; readonly seq: number };

/**
 * What a page must be, whichever server it comes from: ascending without gaps or repetition, beginning or ending where
 * it was asked to, and reaching at least as far as what was known before the question was put.
 * @param knownLastSeq the newest message of the conversation that somebody had acknowledged or announced by then.
 */
export function checkPage(
  conversationId: string,
  asked: PageKey,
  page: Page,
  knownLastSeq: number,
): Violation[] {
  const broken = (
    violation: Violation['violation'],
    seq: number,
    expected: string,
    found: string,
  ): Violation => ({
    violation,
    conversationId,
    seq,
    expected,
    found,
  });
  return [
    ...checkNeighbours(page.messages, broken),
    ...checkEdges(asked, page, broken),
    ...checkReach(asked, page, knownLastSeq, broken),
  ];
}

type Broken = (violation: Violation['violation'], seq: number, expected: string, found: string) => Violation;

function checkNeighbours(messages: readonly Message[], broken: Broken): Violation[] {
  const violations: Violation[] = [];
  const ids = new Set<string>();
  const clientIds = new Set<string>();
  let previous: number | undefined;
  for (const { id, seq, clientId } of messages) {
    if (ids.has(id)) violations.push(broken('duplicated', seq, 'a message once in a page', `${id} twice`));
    if (clientId !== null && clientIds.has(clientId)) {
      violations.push(broken('duplicated', seq, 'a client id once', `${clientId} twice`));
    }
    ids.add(id);
    if (clientId !== null) clientIds.add(clientId);
    if (previous !== undefined && seq !== previous + 1) {
      const violation = seq === previous ? 'duplicated' : seq > previous ? 'missing' : 'outOfOrder';
      const where = violation === 'missing' ? previous + 1 : seq;
      violations.push(broken(violation, where, `number ${previous + 1} after ${previous}`, `number ${seq}`));
    }
    previous = seq;
  }
  return violations;
}

function checkEdges(asked: PageKey, page: Page, broken: Broken): Violation[] {
  const violations: Violation[] = [];
  const first = page.messages[0];
  const last = page.messages.at(-1);
  if (asked.key === 'after' && first !== undefined && first.seq !== asked.seq + 1) {
    const isGap = first.seq > asked.seq;
    const where = isGap ? asked.seq + 1 : first.seq;
    violations.push(
      broken(isGap ? 'missing' : 'outOfOrder', where, `first number ${asked.seq + 1}`, `${first.seq}`),
    );
  }
  if (asked.key === 'before' && asked.seq > 1 && last?.seq !== asked.seq - 1) {
    const violation = last !== undefined && last.seq >= asked.seq ? 'outOfOrder' : 'missing';
    violations.push(
      broken(violation, asked.seq - 1, `last number ${asked.seq - 1}`, `${last?.seq ?? 'nothing'}`),
    );
  }
  if (asked.key === 'around' && !page.messages.some(({ seq }) => seq === asked.seq)) {
    violations.push(
      broken('missing', asked.seq, `a page around ${asked.seq}`, `${first?.seq}..${last?.seq}`),
    );
  }
  if (first !== undefined && first.seq > 1 && !page.hasMoreBefore) {
    violations.push(broken('missing', first.seq - 1, `more before ${first.seq}`, 'hasMoreBefore: false'));
  }
  return violations;
}

function checkReach(asked: PageKey, page: Page, knownLastSeq: number, broken: Broken): Violation[] {
  const isEnd =
    asked.key === 'newest' || ((asked.key === 'after' || asked.key === 'around') && !page.hasMoreAfter);
  if (!isEnd) return [];
  const reached = page.messages.at(-1)?.seq ?? (asked.key === 'newest' ? 0 : asked.seq);
  const due = page.hasMoreAfter ? knownLastSeq : Math.max(knownLastSeq, page.lastSeq);
  return reached >= due ? [] : [broken('missing', due, `the newest message, ${due}`, `an end at ${reached}`)];
}
