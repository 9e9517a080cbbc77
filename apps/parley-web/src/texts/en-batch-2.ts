/** What only Batch 2 says. */
export const enBatch2 = {
  news: {
    virtual_scrolling: {
      title: 'Long conversations now open at once',
      text: 'This arrived for you today. Scroll back as far as you like: your place is kept.',
    },
    advanced_search: {
      title: 'Search understands more',
      text: 'This arrived for you: several words, “phrases” and -words to leave out.',
    },
    multi_agent: {
      title: 'Agents can answer here',
      text: 'This arrived for you: ask for a recap, or for the links of a conversation.',
    },
    close: 'Close',
    how: 'How is it?',
    howLong: 'Long conversations that open at once. How is it?',
    notGood: 'not good',
    veryGood: 'very good',
    notNow: 'Not now',
    scale: '1 not good, 5 very good',
  },
  plainList: {
    title: 'Plain message list',
    text: 'Draws every message, which some screen readers and find-in-page read better.',
  },
};
