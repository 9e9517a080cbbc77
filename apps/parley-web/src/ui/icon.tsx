/** Each drawn on 16 by 16, in strokes. */
const paths = {
  search: 'M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.5 10.5l3.25 3.25',
  plus: 'M8 3v10M3 8h10',
  write:
    'M13.5 8.5v3.5a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 12V4A1.5 1.5 0 0 1 4 2.5h3.5M12.3 2.2l1.5 1.5L8.5 9l-2 .5.5-2z',
  off: 'M5.2 4.2A4 4 0 0 1 12 7c0 1.4.3 2.4.6 3.1M10.5 11.5h-8C3.3 10.7 4 9.5 4 7M6.7 13.6a1.5 1.5 0 0 0 2.6 0M2.5 2.5l11 11',
  bell: 'M4 7a4 4 0 0 1 8 0c0 2.5.7 3.7 1.5 4.5h-11C3.3 10.7 4 9.5 4 7M6.7 13.6a1.5 1.5 0 0 0 2.6 0',
  back: 'M10 3.5 5.5 8l4.5 4.5',
  pin: 'M10 2.5 13.5 6l-1.8.5-2.7 2.7.1 2.6-.9.9L3.3 7.8l.9-.9 2.6.1L9.5 4.3zM5.6 10.4 2.5 13.5',
  panel:
    'M4 3h8a1.75 1.75 0 0 1 1.75 1.75v6.5A1.75 1.75 0 0 1 12 13H4a1.75 1.75 0 0 1-1.75-1.75v-6.5A1.75 1.75 0 0 1 4 3zM10 3v10',
  clip: 'm12.7 7.3-4.9 4.9a3 3 0 0 1-4.2-4.2l5.4-5.4a2 2 0 0 1 2.8 2.8l-5.3 5.3a1 1 0 0 1-1.4-1.4l4.6-4.6',
  smile:
    'M13.75 8a5.75 5.75 0 1 1-11.5 0 5.75 5.75 0 0 1 11.5 0zM5.5 9.5c.6.8 1.5 1.3 2.5 1.3s1.9-.5 2.5-1.3M6.25 6.4v.2M9.75 6.4v.2',
  at: 'M10.4 8a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 0 1 4.8 0zM10.4 5.6v3c0 1.1.7 1.8 1.6 1.8s1.8-.9 1.8-2.5A5.8 5.8 0 1 0 11.2 12.7',
  code: 'M5.5 4.75 2.25 8l3.25 3.25M10.5 4.75 13.75 8l-3.25 3.25',
  reply: 'M6.25 3.75 2.25 7.5l4 3.75M2.5 7.5H10a3.75 3.75 0 0 1 3.75 3.75v1',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  retry: 'M13 8a5 5 0 1 1-1.6-3.65M13 2.25V5h-2.75',
  close: 'm4 4 8 8M12 4l-8 8',
  tune: 'M2.5 5h4.75M11 5h2.5M2.5 11H5M8.75 11h4.75M10.95 5a1.85 1.85 0 1 1-3.7 0 1.85 1.85 0 0 1 3.7 0zM8.75 11a1.85 1.85 0 1 1-3.7 0 1.85 1.85 0 0 1 3.7 0z',
  pencil: 'm10.8 2.8 2.4 2.4-7.6 7.6-3 .6.6-3z',
  alert: 'M13.75 8a5.75 5.75 0 1 1-11.5 0 5.75 5.75 0 0 1 11.5 0zM8 5v3.4M8 10.9v.1',
  down: 'M8 2.5v7.25M4.75 6.75 8 10l3.25-3.25M3 13.25h10',
  thread:
    'M2.5 4.25A1.75 1.75 0 0 1 4.25 2.5h7.5a1.75 1.75 0 0 1 1.75 1.75v5a1.75 1.75 0 0 1-1.75 1.75H7.5l-3 2.5V11h-.25A1.75 1.75 0 0 1 2.5 9.25zM5.5 5.6h5M5.5 8h3',
  link: 'M6.75 9.25a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.25 6.75a2.6 2.6 0 0 0-3.7 0l-2.3 2.3a2.6 2.6 0 0 0 3.7 3.7l.8-.8',
  clock: 'M13.75 8a5.75 5.75 0 1 1-11.5 0 5.75 5.75 0 0 1 11.5 0zM8 4.75V8l2.25 1.5',
  cloud: 'M4.5 12.25a3 3 0 0 1-.4-5.97 4 4 0 0 1 7.7.6 2.7 2.7 0 0 1-.3 5.37zM2.5 2.5l11 11',
  file: 'M4.25 2h4.5l3.5 3.5v7A1.5 1.5 0 0 1 10.75 14h-6.5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 4.25 2zM8.75 2v3.5h3.5',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.25 4.5l.6 8.5h6.3l.6-8.5M6.75 7v3.5M9.25 7v3.5',
  copy: 'M5.5 5.5v-2A1 1 0 0 1 6.5 2.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2M3.5 5.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1z',
  dot: 'M8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z',
  check: 'm3.5 8.5 3 3 6-7',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside words, or of a button that has a name of its own: nothing for screen readers. */
export function Icon({ name, flips = false }: { readonly name: IconName; readonly flips?: boolean }) {
  return (
    <svg className={flips ? 'i i-flip' : 'i'} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} strokeWidth={name === 'more' ? 2 : undefined} />
    </svg>
  );
}

/** The application's own mark. */
export function Mark({ label }: { readonly label?: string }) {
  return (
    <svg
      className="mark"
      viewBox="0 0 24 24"
      role={label === undefined ? undefined : 'img'}
      aria-label={label}
      aria-hidden={label === undefined}
    >
      <path d="M8.5 3H14v12.5H8.5A6.25 6.25 0 0 1 8.5 3z" fill="var(--mark)" />
      <path d="M12.9 3v18.25M17.9 3v18.25M11 3h10" fill="none" stroke="currentColor" strokeWidth="2.2" />
    </svg>
  );
}
