import emojis from 'emojibase-data/en/compact.json' with { type: 'json' };
import messages from 'emojibase-data/en/messages.json' with { type: 'json' };
import { useDeferredValue, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';

const groups = messages.groups.filter(({ key }) => key !== 'component');
const recentKey = 'parley emoji';
const mostRecent = 16;

interface Found {
  readonly title: string;
  readonly emojis: readonly { readonly unicode: string; readonly label: string }[];
}

/** All emojis by group, or those that a word finds; arrows move, Enter chooses. */
export function EmojiPicker({ onChoose }: { readonly onChoose: (emoji: string) => void }) {
  const [words, setWords] = useState('');
  const wanted = useDeferredValue(plainWords(words));
  const found = useMemo(() => find(wanted), [wanted]);
  const grid = useRef<HTMLDivElement>(null);
  const labelId = useId();
  const choose = (emoji: string): void => {
    remember(emoji);
    onChoose(emoji);
  };
  return (
    <div className="emoji-picker">
      <input
        type="search"
        aria-label="Search emoji"
        placeholder="Search"
        value={words}
        autoFocus
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            // By what the words say now; what is drawn may be a moment behind.
            const first = find(plainWords(words))[0]?.emojis[0];
            if (first !== undefined) choose(first.unicode);
          }
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            grid.current?.querySelector('button')?.focus();
          }
        }}
      />
      <div className="emoji-groups" ref={grid} onKeyDown={(event) => moveFocus(event, grid.current)}>
        {found.map(({ title, emojis: some }, at) => (
          <section key={title} aria-labelledby={`${labelId}-${at}`}>
            <h3 id={`${labelId}-${at}`}>{title}</h3>
            <div className="emoji-grid">
              {some.map(({ unicode, label }) => (
                <button
                  key={unicode}
                  type="button"
                  title={label}
                  aria-label={label}

                  onClick={() => choose(unicode)}
                >
                  {unicode}
                </button>
              ))}
            </div>
          </section>
        ))}
        {found.length === 0 && <p className="quiet">No emoji of that name.</p>}
      </div>
    </div>
  );
}

const plainWords = (words: string): string => words.trim().toLocaleLowerCase();

function find(wanted: string): Found[] {
  if (wanted === '') {
    const recent = recentOnes().map((unicode) => ({
      unicode,
      label: emojis.find((one) => one.unicode === unicode)?.label ?? unicode,
    }));
    const all = groups.map(({ message, order }) => ({
      title: message,
      emojis: emojis.filter(({ group }) => group === order),
    }));
    return [...(recent.length === 0 ? [] : [{ title: 'recent', emojis: recent }]), ...all];
  }
  const matching = emojis.filter(
    ({ label, tags = [] }) => label.includes(wanted) || tags.some((tag) => tag.startsWith(wanted)),
  );
  return matching.length === 0 ? [] : [{ title: `${matching.length} found`, emojis: matching.slice(0, 200) }];
}

/** To the neighbour in the grid; rows follow from where buttons stand. */
function moveFocus(event: KeyboardEvent, grid: HTMLElement | null): void {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
  if (step === undefined || grid === null) return;
  const buttons = [...grid.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  const next = buttons[at + step];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
}

function recentOnes(): string[] {
  try {
    const stored = JSON.parse(localStorage.getItem(recentKey) ?? '[]') as unknown;
    return Array.isArray(stored)
      ? stored.filter((one): one is string => typeof one === 'string').slice(0, mostRecent)
      : [];
  } catch {
    // Written by somebody else, or not to be read: there are none.
    return [];
  }
}

function remember(emoji: string): void {
  try {
    localStorage.setItem(
      recentKey,
      JSON.stringify([emoji, ...recentOnes().filter((one) => one !== emoji)].slice(0, mostRecent)),
    );
  } catch {
    // No room: the picker forgets, nothing else.
  }
}
