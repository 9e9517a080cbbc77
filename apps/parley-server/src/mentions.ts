/** How a person stands in a text: `<@USER_UUID>`. */
const MENTION = /<@([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})>/gi;

/** A message that names more people than these is a list, and notifies the first of it. */
const MOST_MENTIONED = 50;

/** The people whom a text mentions, each once. Whether they are members is for the statement to find out. */
export function mentionedIn(body: string): string[] {
  const ids = new Set<string>();
  for (const [, id = ''] of body.matchAll(MENTION)) {
    ids.add(id.toLowerCase());
    if (ids.size === MOST_MENTIONED) break;
  }
  return [...ids];
}

/** The text as people read it. @param names by id, of those who are known */
export function withNames(body: string, names: Readonly<Record<string, string>>): string {
  return body.replaceAll(MENTION, (_, id: string) => `@${names[id.toLowerCase()] ?? 'Someone'}`);
}
