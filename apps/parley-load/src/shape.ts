/** What somebody sent is not what was agreed. The message names the place, never the content. */
export class ShapeError extends Error {}

export function record(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(value, place, 'an object');
  return value as Readonly<Record<string, unknown>>;
}

export function listOf<T>(value: unknown, place: string, read: (entry: unknown, place: string) => T): T[] {
  if (!Array.isArray(value)) throw wrong(value, place, 'a list');
  return value.map((entry, index) => read(entry, `${place}[${index}]`));
}

export function text(value: unknown, place: string): string {
  if (typeof value !== 'string') throw wrong(value, place, 'a text');
  return value;
}

export function textOrNull(value: unknown, place: string): string | null {
  return value === null ? null : text(value, place);
}

export function wholeNumber(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(value, place, 'a whole number');
  return value;
}

export function finiteNumber(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(value, place, 'a number');
  return value;
}

export function truth(value: unknown, place: string): boolean {
  if (typeof value !== 'boolean') throw wrong(value, place, 'true or false');
  return value;
}

function wrong(value: unknown, place: string, expected: string): ShapeError {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  return new ShapeError(`${place}: expected ${expected}, got ${kind}`);
}
