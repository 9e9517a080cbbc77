import { createWebFlagProvider } from '@crossfade/flags/web';
import {
  OpenFeature,
  OpenFeatureProvider,
  useBooleanFlagDetails,
  useContextMutator,
  useTrack,
} from '@openfeature/react-sdk';
import { createRoot } from 'react-dom/client';

/** A page as an application would have it; which relay, key and person stand in its address. */
const given = new URLSearchParams(location.search);
const { seen, tracked } = Object.assign(window, { seen: [] as string[], tracked: [] as string[] });

await OpenFeature.setContext({ targetingKey: given.get('person') ?? '' });
OpenFeature.setProvider(
  createWebFlagProvider({
    url: given.get('relay') ?? '',
    key: given.get('key') ?? '',
    onTrack: (event, { targetingKey }) => tracked.push(`${event} by ${targetingKey}`),
  }),
);

function Search() {
  const { value, reason } = useBooleanFlagDetails('search', false);
  const { track } = useTrack();
  const { setContext } = useContextMutator();
  // Everything that was ever on the screen, so that a test can tell what was not.
  const words = value ? 'new search' : 'old search';
  if (seen.at(-1) !== words) seen.push(words);
  return (
    <>
      <p id="search">{words}</p>
      <p id="reason">{reason}</p>
      <button id="use" type="button" onClick={() => track('search')}>
        Search
      </button>
      <button
        id="sign-in"
        type="button"
        onClick={() => void setContext({ targetingKey: given.get('other') ?? '' })}
      >
        Sign in as somebody else
      </button>
    </>
  );
}

createRoot(document.querySelector('#root') ?? document.body).render(
  <OpenFeatureProvider>
    <Search />
  </OpenFeatureProvider>,
);
