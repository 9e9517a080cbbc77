/** What never leaves the server: its stack, its SQL, words of the database. */
const INSIDE = /\.ts:\d|node_modules|\bSELECT\b|\bINSERT\b|\bUPDATE\b|syntax error at|violates|relation "/;

/** What is wrong with an answer that should refuse in the contract's form; undefined when nothing is. */
export function flawOfRefusal(status: number, text: string): string | undefined {
  if (status < 400 || status > 499) return `status ${status} for a refusal: ${text.slice(0, 500)}`;
  return flawOfErrorBody(text);
}

/** What is wrong with an answer that may be any but one that blames the server. */
export function flawOfAnswer(status: number, text: string): string | undefined {
  if (status < 400) return undefined;
  return flawOfRefusal(status, text);
}

function flawOfErrorBody(text: string): string | undefined {
  if (INSIDE.test(text)) return `it shows what is inside: ${text.slice(0, 500)}`;
  const { error } = JSON.parse(text) as { error?: Record<string, unknown> };
  const isSaid = typeof error?.['code'] === 'string' && typeof error['message'] === 'string';
  return isSaid ? undefined : `no code and message: ${text.slice(0, 500)}`;
}
