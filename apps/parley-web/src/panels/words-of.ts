/** What is to be marked in what a search has found: its words and phrases, without operators and what was left out. */
export function wordsOf(query: string): string[] {
  const parts = query.match(/-?"[^"]+"|\S+/g) ?? [];
  return parts
    .filter((part) => !part.startsWith('-') && !/^\w+:/.test(part))
    .map((part) => part.replaceAll('"', ''))
    .filter((part) => part !== '');
}
