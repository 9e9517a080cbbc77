import type { Root } from 'hast';
import { common, createLowlight } from 'lowlight';

const lowlight = createLowlight(common);

/** undefined for a language that nobody knows here. */
export function highlight(language: string, text: string): Root | undefined {
  return lowlight.registered(language) ? lowlight.highlight(language, text) : undefined;
}
