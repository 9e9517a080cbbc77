/** What stands in a composer: words with "@Name", and who is meant by which name. */
export interface DraftText {
  readonly text: string;
  /** Ids by the name that was inserted for them. */
  readonly mentions: Readonly<Record<string, string>>;
}

export const emptyDraft: DraftText = { text: '', mentions: {} };

/** As it is sent: "@Name" of those who are meant becomes `<@ID>`. The longest names first, as one may begin another. */
export function toBody({ text, mentions }: DraftText): string {
  const names = Object.keys(mentions).toSorted((a, b) => b.length - a.length);
  let body = text;
  for (const name of names) body = body.replaceAll(`@${name}`, `<@${mentions[name] ?? ''}>`);
  return body.trim();
}

/** As it is edited: names instead of ids. */
export function fromBody(body: string, nameOf: (id: string) => string | undefined): DraftText {
  const mentions: Record<string, string> = {};
  const text = body.replace(/<@([0-9a-f-]{36})>/g, (whole, id: string) => {
    const name = nameOf(id);
    if (name === undefined || (mentions[name] ?? id) !== id) return whole;
    mentions[name] = id;
    return `@${name}`;
  });
  return { text, mentions };
}

/** What is being typed after an @ right before the cursor; undefined where nobody is being named. */
export function mentionBeingTyped(
  text: string,
  cursor: number,
): { readonly from: number; readonly query: string } | undefined {
  const before = text.slice(0, cursor);
  const found = /(?:^|[\s([{"'«„“])@([\p{L}\p{N}._-]*(?: [\p{L}\p{N}._-]*)?)$/u.exec(before);
  const query = found?.[1];
  return query === undefined ? undefined : { from: cursor - query.length - 1, query };
}
