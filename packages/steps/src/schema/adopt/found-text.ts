import type { Json } from '@crossfade/engine';

/** "; was there already: index by_body" for what the result of an effect lists under a name; nothing for an empty list. */
export function foundText(result: Json, name: 'found' | 'left'): string {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return '';
  const list = 'found' in result || 'left' in result ? result[name] : undefined;
  if (!Array.isArray(list) || list.length === 0) return '';
  const words = name === 'found' ? 'was there already' : 'left what was there before';
  return `; ${words}: ${list.join(', ')}`;
}
