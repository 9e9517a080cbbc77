import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Refused } from './api/request.ts';
import { conversationsQuery } from './app/conversations.ts';
import { Fallen } from './app/fallen.tsx';
import { meQuery } from './app/me.ts';
import { router } from './app/router.tsx';
import './styles/index.css';

const mostRetries = 3;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What was refused once is refused again.
      retry: (failures, error) => !(error instanceof Refused) && failures < mostRetries,
      refetchOnWindowFocus: false,
      networkMode: 'always',
    },
  },
});

// Both are needed before anything can be shown: neither waits for the other, nor for the page to be built.
void queries.prefetchQuery(meQuery);
void queries.prefetchQuery(conversationsQuery);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html: expected an element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <Fallen>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Fallen>
  </StrictMode>,
);
