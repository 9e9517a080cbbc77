import { readFileSync } from 'node:fs';

export interface GuideBlock {
  /** The heading that it stands under. */
  readonly heading: string;
  /** "ts", "sh". */
  readonly language: string;
  readonly text: string;
}

/** The blocks of code of a page in Markdown, in their order. */
export function guideBlocks(path: string): readonly GuideBlock[] {
  const blocks: GuideBlock[] = [];
  let heading = '';
  for (const [, title, language = '', text = ''] of readFileSync(path, 'utf8').matchAll(
    /^#+ (.*)$|^```(\w+)\n([^]*?)^```$/gm,
  )) {
    if (title !== undefined) heading = title;
    else blocks.push({ heading, language, text });
  }
  return blocks;
}
