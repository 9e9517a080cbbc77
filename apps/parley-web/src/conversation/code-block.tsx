import { useEffect, useState, type ReactNode } from 'react';
import type { ElementContent, Root } from 'hast';
import { whenIdle } from '../app/later.ts';

/** Longer code is shown as it is: colours are not worth a page that stands still. */
const mostHighlighted = 20_000;

/** Code in its own scrolling box; its colours come a moment later, when the highlighter has been loaded. */
export function CodeBlock({ text, language }: { readonly text: string; readonly language: string }) {
  const [coloured, setColoured] = useState<Root>();
  const name = language.split(/\s/u)[0] ?? '';
  useEffect(() => {
    if (name === '' || text.length > mostHighlighted) return undefined;
    let isGone = false;
    const colour = async (): Promise<void> => {
      const { highlight } = await import('./highlight.ts');
      if (!isGone) setColoured(highlight(name, text));
    };
    // Without colours it can be read as well.
    whenIdle(() => void colour().catch(() => undefined));
    return () => {
      isGone = true;
    };
  }, [name, text]);
  return (
    <div className="code">
      {name !== '' && <span className="lang">{name}</span>}
      <pre tabIndex={0}>
        <code>
          {coloured === undefined
            ? text
            : coloured.children.map((node, at) => element(node as ElementContent, at))}
        </code>
      </pre>
    </div>
  );
}

function element(node: ElementContent, key: number): ReactNode {
  if (node.type === 'text') return node.value;
  if (node.type !== 'element') return null;
  const names = node.properties['className'];
  return (
    <span key={key} className={Array.isArray(names) ? names.join(' ') : undefined}>
      {node.children.map((child, at) => element(child, at))}
    </span>
  );
}
