export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, for who has to correct it. */
export const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value);

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
