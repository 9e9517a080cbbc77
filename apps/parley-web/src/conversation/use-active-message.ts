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
  /** Its menu is open, and lies outside of the list: the message stays the one that is meant until it closes. */
  const isHeld = (list: Element): boolean => list.querySelector('.acts [aria-expanded="true"]') !== null;
  return {
    active: pointed ?? focused,
    handlers: {
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        if (event.pointerType === 'mouse' && !isHeld(event.currentTarget)) setPointed(rowOf(event.target));
      },
      onPointerLeave: (event: PointerEvent<HTMLElement>) => {
        if (!isHeld(event.currentTarget)) setPointed(undefined);
      },
      onFocus: (event: FocusEvent<HTMLElement>) => {
        if (!isHeld(event.currentTarget)) setFocused(rowOf(event.target));
      },
      onBlur: (event: FocusEvent<HTMLElement>) => {
        const isLeft = event.relatedTarget === null || !event.currentTarget.contains(event.relatedTarget);
        if (isLeft && !isHeld(event.currentTarget)) setFocused(undefined);
      },
      onKeyDown,
    },
  };
}
