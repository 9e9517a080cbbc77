import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import type { Named } from '../api/types.ts';
import { mentionBeingTyped, type DraftText } from './draft-text.ts';
import { MentionList, usePeopleToMention } from './mention-list.tsx';

export interface WordsFieldProps {
  readonly conversationId: string;
  readonly label: string;
  readonly placeholder: string;
  readonly draft: DraftText;
  readonly onChange: (draft: DraftText) => void;
  /** Enter, without Shift. */
  readonly onSubmit: () => void;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  readonly onPasteFiles?: (files: readonly File[]) => void;
  readonly ref: Ref<HTMLTextAreaElement>;
}

/** A field that grows with its words, and completes names after an @. */
export function WordsField(props: WordsFieldProps) {
  const { conversationId, label, placeholder, draft, onChange, onSubmit, onKeyDown, onPasteFiles, ref } =
    props;
  const [cursor, setCursor] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [closedAt, setClosedAt] = useState<number>();
  const listId = useId();
  const own = useRef<HTMLTextAreaElement>(null);
  const cursorAfter = useRef<number>(undefined);
  const typed = mentionBeingTyped(draft.text, cursor);
  const people = usePeopleToMention(conversationId, typed?.from === closedAt ? undefined : typed?.query);
  const isListOpen = typed !== undefined && people.length > 0;

  useLayoutEffect(() => {
    if (cursorAfter.current === undefined) return;
    own.current?.setSelectionRange(cursorAfter.current, cursorAfter.current);
    cursorAfter.current = undefined;
  }, [draft.text]);

  const insert = ({ id, name }: Named): void => {
    if (typed === undefined) return;
    const text = `${draft.text.slice(0, typed.from)}@${name} ${draft.text.slice(cursor)}`;
    cursorAfter.current = typed.from + name.length + 2;
    setCursor(cursorAfter.current);
    setChosen(0);
    onChange({ text, mentions: { ...draft.mentions, [name]: id } });
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // While characters are being composed (Japanese, Chinese, Korean), Enter belongs to that.
    if (event.nativeEvent.isComposing) return;
    const person = people[Math.min(chosen, people.length - 1)];
    if (isListOpen && person !== undefined) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step !== undefined) setChosen((chosen + step + people.length) % people.length);
      else if (event.key === 'Enter' || event.key === 'Tab') insert(person);
      else if (event.key === 'Escape') setClosedAt(typed.from);
      else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      onSubmit();
      return;
    }
    onKeyDown?.(event);
  };
  return (
    <div className="field-holder">
      {isListOpen && (
        <MentionList
          id={listId}
          people={people}
          chosen={Math.min(chosen, people.length - 1)}
          onChoose={insert}
        />
      )}
      <textarea
        ref={(element) => {
          own.current = element;
          if (typeof ref === 'function') ref(element);
          else if (ref !== null) ref.current = element;
        }}
        className="draft"
        dir="auto"
        rows={1}
        value={draft.text}
        aria-label={label}
        placeholder={placeholder}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={isListOpen ? listId : undefined}
        aria-activedescendant={isListOpen ? `${listId}-${Math.min(chosen, people.length - 1)}` : undefined}
        onChange={(event) => {
          setCursor(event.target.selectionStart);
          onChange({ ...draft, text: event.target.value });
        }}
        onSelect={(event) => setCursor(event.currentTarget.selectionStart)}
        onKeyDown={onKey}
        onPaste={(event) => {
          const files = [...event.clipboardData.files];
          if (files.length === 0 || onPasteFiles === undefined) return;
          event.preventDefault();
          onPasteFiles(files);
        }}
      />
    </div>
  );
}
