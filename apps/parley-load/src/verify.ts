import { catchUpErrand, pageErrand } from './actions/reading.ts';
import type { Exchange } from './exchange.ts';
import type { Acknowledged } from './expected-messages.ts';
import { forEachOf } from './for-each-of.ts';
import type { Message, Page } from './parley-shapes.ts';
import type { Person } from './person.ts';
import type { Call } from './server-pair.ts';
import type { Errand, World } from './world.ts';

const AT_A_TIME = 4;
const PAGE_SIZE = 200;
const MOST_CATCH_UP_PAGES = 100;

export type Ask = (person: Person, call: Call) => Promise<Exchange>;

/** Lets everybody read to the end what they follow: the order of what they saw is then known to the last message. */
export async function catchEverybodyUp(world: World, people: readonly Person[], ask: Ask): Promise<void> {
  await forEachOf(people, AT_A_TIME, async (person) => {
    for (const timeline of person.timelines.values()) {
      for (let pages = 0; timeline.isBehind; pages += 1) {
        const { conversationId, seenSeq } = timeline;
        if (pages === MOST_CATCH_UP_PAGES) {
          const expected = `number ${timeline.announcedSeq}, as announced`;
          const found = `${seenSeq} after ${pages} pages`;
          world.report([{ violation: 'missing', conversationId, seq: seenSeq + 1, expected, found }]);
          break;
        }
        await doErrand(person, catchUpErrand(world, timeline), ask);
      }
    }
  });
}

/**
 * Reads every conversation that somebody here wrote in, page by page from the first message acknowledged to the end,
 * and reports what is missing, changed, there twice, or out of its place.
 * @throws when a page cannot be read: then nothing is known about the rest.
 */
export async function verifyAcknowledged(
  world: World,
  people: readonly Person[],
  ask: Ask,
): Promise<{ acknowledged: number; found: number }> {
  const byId = new Map(people.map((person) => [person.id, person]));
  let found = 0;
  await forEachOf(world.expected.byConversation(), AT_A_TIME, async ([conversationId, promised]) => {
    const reader = byId.get(promised[0]?.senderId ?? '');
    if (reader === undefined) throw new Error(`${conversationId}: expected one of the people to be a member`);
    const messages = await readFrom(world, reader, conversationId, promised[0]?.seq ?? 1, ask);
    world.report(world.expected.findCopies(messages));
    const present = new Set(messages.map(({ id }) => id));
    const missing = promised.filter(({ id }) => !present.has(id));
    found += promised.length - missing.length;
    world.report(missing.map(notThere));
  });
  return { acknowledged: world.expected.size, found };
}

async function readFrom(
  world: World,
  reader: Person,
  conversationId: string,
  firstSeq: number,
  ask: Ask,
): Promise<Message[]> {
  const messages: Message[] = [];
  let after = firstSeq - 1;
  for (;;) {
    const page = await readOnePage(world, reader, conversationId, after, ask);
    messages.push(...page.messages);
    const last = page.messages.at(-1);
    if (last === undefined || last.seq <= after || !page.hasMoreAfter) return messages;
    after = last.seq;
  }
}

async function readOnePage(
  world: World,
  reader: Person,
  conversationId: string,
  after: number,
  ask: Ask,
): Promise<Page> {
  const pages: Page[] = [];
  const errand = pageErrand(
    world,
    'catch_up',
    conversationId,
    { key: 'after', seq: after },
    PAGE_SIZE,
    (page) => pages.push(page),
  );
  await doErrand(reader, errand, ask);
  const [page] = pages;
  if (page === undefined) throw new Error(`${conversationId}: expected one page after ${after}`);
  return page;
}

async function doErrand(person: Person, errand: Errand, ask: Ask): Promise<void> {
  const { status, tries, answer, error } = await ask(person, errand.call);
  if (status !== 200) {
    throw new Error(
      `GET ${errand.call.path}: expected 200, got ${error ?? `status ${status}`} after ${tries} tries`,
    );
  }
  errand.settle(answer?.body, tries);
}

function notThere({ id, conversationId, seq }: Acknowledged) {
  const expected = 'the message that was acknowledged';
  return { violation: 'missing' as const, conversationId, seq, id, expected, found: 'nothing' };
}
