/** A search taken apart: what to look for in texts, and what each operator asks. Null: not asked for. */
export type SearchQuery = {
  text: string | null;
  from: string | null;
  in: string | null;
  /** ISO dates: messages of days strictly before, or strictly after, this one. */
  before: string | null;
  after: string | null;
};

const OPERATOR = /^(from|in|before|after):(.+)$/i;

/**
 * Understands from:NAME in:TITLE before:YYYY-MM-DD after:YYYY-MM-DD; everything else is text, in the language of
 * Postgres' websearch_to_tsquery ("quoted phrases", or, -without). A date that is none is looked for as text: a
 * search is never wrong, it only finds nothing.
 */
export function parseSearchQuery(input: string): SearchQuery {
  const query: SearchQuery = { text: null, from: null, in: null, before: null, after: null };
  const words: string[] = [];
  for (const word of splitWords(input)) {
    const [, operator, value] = OPERATOR.exec(word) ?? [];
    if (operator === undefined || value === undefined || !applyOperator(query, operator, value))
      words.push(word);
  }
  const text = words.join(' ').trim();
  return { ...query, text: text === '' ? null : text };
}

function applyOperator(query: SearchQuery, operator: string, value: string): boolean {
  const plain = value.replaceAll('"', '').replace(/^[@#]/, '');
  if (plain === '') return false;
  switch (operator.toLowerCase()) {
    case 'from':
      query.from = plain;
      return true;
    case 'in':
      query.in = plain;
      return true;
    case 'before':
      if (!isDate(plain)) return false;
      query.before = plain;
      return true;
    case 'after':
      if (!isDate(plain)) return false;
      query.after = plain;
      return true;
    default:
      return false;
  }
}

/** Splits at spaces outside quotes, so that from:"Ana Maria" stays one word. */
function splitWords(input: string): string[] {
  return input.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || value < '0001-01-01') return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}
