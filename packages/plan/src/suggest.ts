const longestWord = 64;
const mostCandidates = 500;

/** The known word that is nearest to a mistyped one, if any is near enough to be meant. */
function nearestWord(word: string, candidates: readonly string[]): string | undefined {
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

/** "did you mean backfill?"; undefined when no known word is near enough. */
export function suggestion(word: string, candidates: readonly string[]): string | undefined {
  const nearest = nearestWord(word, candidates);
  return nearest === undefined ? undefined : `did you mean ${nearest}?`;
}

/** How many letters must be put in, taken out, changed, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const changed = at(previous, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          changed,
          at(previous, column) + 1,
          at(current, column - 1) + 1,
          swapped ? at(beforePrevious, column - 2) + 1 : changed,
        ),
      );
    }
    [beforePrevious, previous] = [previous, current];
  }
  return at(previous, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
