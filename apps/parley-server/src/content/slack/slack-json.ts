export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text under a key, or undefined when there is none: exports of all ages leave things out. */
export function textAt(value: unknown, key: string): string | undefined {
  if (!isObject(value)) return undefined;
  const found = value[key];
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** Ids become part of keys and addresses of ours, so they must look like Slack's. */
export function isSlackId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}

/** A line that people read, such as a name: without control characters, of a bearable length. */
export function plainLine(text: string, longest: number): string {
  const line = text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .toWellFormed()
    .trim();
  return Array.from(line).slice(0, longest).join('');
}
