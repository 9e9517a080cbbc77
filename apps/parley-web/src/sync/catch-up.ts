import type { QueryClient } from '@tanstack/react-query';
import type { api as Api } from '../api/endpoints.ts';
import type { Message } from '../api/types.ts';
import { timelineOf, withChanges, withMessage, withPage, type Timeline } from '../timeline/timeline.ts';
import { keys } from './keys.ts';
import { withReplies, type ThreadPage } from './thread-page.ts';

/** What is asked of the server here. */
export type CatchUpApi = Pick<typeof Api, 'changes' | 'page'>;

const pageLimit = 100;
const mostInPage = 200;
/** After so many rounds of changes, what is shown is read anew: somebody wrote faster than changes can be followed. */
const mostRounds = 3;
/** Somebody who goes from place to place while it is read has it read again where they are, so often. */
const mostReadings = 10;

/**
 * Keeps the timelines in the cache as the server has them. An event only says that a conversation has reached a version; what has
 * changed since the version that is here is then asked for, so that nothing is missed and nothing is done twice, however late or
 * doubled events come. One question at a time for each conversation.
 */
export class CatchUp {
  readonly #queries: QueryClient;
  readonly #api: CatchUpApi;
  readonly #running = new Map<string, Promise<void>>();
  readonly #wanted = new Map<string, number>();
  /** Conversations whose reader is not at the end. */
  readonly #readBack = new Set<string>();

  constructor(queries: QueryClient, api: CatchUpApi) {
    this.#queries = queries;
    this.#api = api;
  }

  /** Resolves when what is here is as new as that version, or could not be made so. Never rejects. */
  async to(conversationId: string, version: number): Promise<void> {
    this.#wanted.set(conversationId, Math.max(version, this.#wanted.get(conversationId) ?? 0));
    const running =
      this.#running.get(conversationId) ??
      this.#follow(conversationId).finally(() => this.#running.delete(conversationId));
    this.#running.set(conversationId, running);
    await running;
  }

  /** Where the reader is decides what is read anew when there is too much to follow. */
  noteReader(conversationId: string, isAtEnd: boolean): void {
    if (isAtEnd) this.#readBack.delete(conversationId);
    else this.#readBack.add(conversationId);
  }

  /** Everything that is in the cache: after a sleep, or a lost connection, nobody tells what was missed. */
  async all(): Promise<void> {
    const open = this.#queries.getQueryCache().findAll({ queryKey: ['timeline'], type: 'active' });
    await Promise.all(
      open.map(async ({ queryKey }) => await this.to(String(queryKey[1]), Number.MAX_SAFE_INTEGER)),
    );
  }

  /** What the server has just answered with: no need to wait for the event. */
  put(message: Message): void {
    this.#change(message.conversationId, (timeline) => withMessage(timeline, message));
    this.#changeThreads([message]);
  }

  async #follow(conversationId: string): Promise<void> {
    try {
      for (let round = 0; ; round += 1) {
        const timeline = this.#timeline(conversationId);
        if (timeline === undefined) return;
        const wanted = this.#wanted.get(conversationId) ?? 0;
        if (timeline.version >= wanted) return;
        if (round >= mostRounds + mostReadings) return;
        if (round < mostRounds) await this.#followOnce(conversationId, timeline.version);
        else if (!(await this.#readAnew(conversationId, timeline))) continue;
        // A whole catch-up is done when it has been done once; a version that was told may come later.
        if (wanted === Number.MAX_SAFE_INTEGER) this.#wanted.set(conversationId, 0);
        else if ((this.#timeline(conversationId)?.version ?? wanted) < wanted && round >= mostRounds) return;
      }
    } catch {
      // No answer: the connection's return asks for everything.
      this.#wanted.delete(conversationId);
    }
  }

  async #followOnce(conversationId: string, since: number): Promise<void> {
    const changes = await this.#api.changes(conversationId, since);
    this.#change(conversationId, (timeline) => withChanges(timeline, changes));
    this.#changeThreads(changes.messages);
    if (changes.hasMore)
      this.#wanted.set(conversationId, Math.max(changes.version, this.#wanted.get(conversationId) ?? 0));
  }

  /**
   * The newest if the reader is at the end; else all that is here, in pages, so that they stay where they are.
   * @returns false where the reader has gone elsewhere meanwhile: they are not fetched back.
   */
  async #readAnew(conversationId: string, known: Timeline): Promise<boolean> {
    const [first, last] = [known.messages[0]?.seq, known.messages.at(-1)?.seq];
    const isAtEnd = !known.hasAfter && !this.#readBack.has(conversationId);
    const anew =
      isAtEnd || first === undefined || last === undefined
        ? timelineOf(await this.#api.page(conversationId, { limit: pageLimit }))
        : // The first page says only of itself whether something is before it.
          { ...(await this.#sameAnew(conversationId, first, last)), hasBefore: known.hasBefore };
    const now = this.#timeline(conversationId);
    if (now?.messages[0]?.seq !== first || now?.messages.at(-1)?.seq !== last) return false;
    if (isAtEnd && this.#readBack.has(conversationId)) return false;
    this.#change(conversationId, () => anew);
    return true;
  }

  async #sameAnew(conversationId: string, first: number, last: number): Promise<Timeline> {
    let anew = timelineOf(await this.#api.page(conversationId, { after: first - 1, limit: mostInPage }));
    for (let at = anew.messages.at(-1)?.seq; at !== undefined && at < last && anew.hasAfter;) {
      anew = withPage(anew, await this.#api.page(conversationId, { after: at, limit: mostInPage }), 'after');
      const now = anew.messages.at(-1)?.seq;
      if (now === at) break;
      at = now;
    }
    return anew;
  }

  #timeline(conversationId: string): Timeline | undefined {
    return this.#queries.getQueryData<Timeline>(keys.timeline(conversationId));
  }

  #change(conversationId: string, change: (timeline: Timeline) => Timeline): void {
    this.#queries.setQueryData<Timeline>(keys.timeline(conversationId), (known) => known && change(known));
  }

  #changeThreads(messages: readonly Message[]): void {
    for (const [root, changed] of Map.groupBy(messages, ({ id, threadId }) => threadId ?? id)) {
      this.#queries.setQueryData<ThreadPage>(
        keys.thread(root),
        (known) => known && withReplies(known, changed),
      );
    }
  }
}
