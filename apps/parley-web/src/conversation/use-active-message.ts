import { useState, type FocusEvent, type KeyboardEvent, type PointerEvent } from 'react';

const rowOf = (target: EventTarget): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-row]')?.dataset['row'] : undefined;

/**
 * The message under the pointer, or the one that has the focus: only its actions are drawn. Arrows, or J and K, go from message to
 * message.
 */
export function useActiveMessage() {
  const [pointed, setPointed] = useState<string>();
  const [focused, setFocused] = useState<string>();
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (!(event.target instanceof HTMLElement) || !event.target.matches('article')) return;
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step === undefined) return;
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>('article')];
    const next = all[all.indexOf(event.target) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  };
  return {
    active: pointed ?? focused,
    handlers: {
      onPointerMove: (event: PointerEvent) => {
        if (event.pointerType === 'mouse') setPointed(rowOf(event.target));
      },
      onPointerLeave: () => setPointed(undefined),
      onFocus: (event: FocusEvent) => setFocused(rowOf(event.target)),
      onBlur: (event: FocusEvent) => {
        if (event.relatedTarget === null || !event.currentTarget.contains(event.relatedTarget))
          setFocused(undefined);
      },
      onKeyDown,
    },
  };
}
