const listeners = new Set<(text: string) => void>();

/** Said once to whoever listens with a screen reader, and shown for a moment to all others. */
export function say(text: string): void {
  listeners.forEach((listener) => listener(text));
}

export function onSaid(listener: (text: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
