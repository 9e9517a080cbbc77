const longestWord = 64;
const mostCandidates = 500;

/** The known word that is nearest to a mistyped one, if any is near enough to be meant. */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > longestWord) return undefined;
  const furthest = Math.max(1, Math.min(4, Math.floor(word.length / 3)));
  let nearest: string | undefined;
  let nearestDistance = furthest + 1;
  for (const candidate of candidates.slice(0, mostCandidates)) {
    if (candidate.length > longestWord || Math.abs(candidate.length - word.length) > furthest) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < nearestDistance) [nearest, nearestDistance] = [candidate, distance];
  }
  return nearest;
}

/** "did you mean backfill?", or what there is when little is there. */
export function suggestion(word: string, candidates: readonly string[]): string | undefined {
  const nearest = nearestWord(word, candidates);
  return nearest === undefined ? undefined : `did you mean ${nearest}?`;
}

/** Levenshtein's distance: how many letters must be put in, taken out or changed. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const changed = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(changed, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
