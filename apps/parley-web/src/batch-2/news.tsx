import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useChangeSettings, useMe } from '../app/me.ts';
import { keys } from '../sync/keys.ts';
import { tBatch2 } from '../texts/batch-2.ts';
import { apiBatch2 } from './endpoints.ts';

const { news } = tBatch2;

type Announced = keyof typeof announcements;

const announcements = {
  virtual_scrolling: news.virtual_scrolling,
  advanced_search: news.advanced_search,
  multi_agent: news.multi_agent,
};
const announcedFeatures = Object.keys(announcements) as Announced[];
const scores = [1, 2, 3, 4, 5] as const;

/** What has arrived for this person, said once, beside the conversation; some days of use later, how it is, asked once. */
export function News() {
  const me = useMe();
  const changeSettings = useChangeSettings();
  const { announced = [] } = me.settings;
  const fresh = announcedFeatures.find((feature) => me.flags[feature] && !announced.includes(feature));
  // Somebody who is told of something does not know yet how it is.
  if (fresh === undefined) return <HowIsIt />;
  const { title, text } = announcements[fresh];
  const close = (): void => {
    changeSettings({ announced: [...announced, fresh] }).catch(() => undefined);
  };
  return (
    <div className="aside frame">
      <div className="mnotes">
        <section className="mnote" role="status">
          <h2>{title}</h2>
          <p>{text}</p>
          <div className="go">
            <button type="button" className="btn btn-quiet btn-sm" onClick={close}>
              {news.close}
            </button>
          </div>
        </section>
      </div>
    </div>
  );
}

/** Asked of one feature at a time, and of each once. */
function HowIsIt() {
  const me = useMe();
  const { announced = [] } = me.settings;
  const { data: rated } = useQuery({
    queryKey: keys.ratings,
    queryFn: async () => (await apiBatch2.ratings()).features,
    staleTime: Infinity,
  });
  const [closed, setClosed] = useState(() => sessionStorage.getItem('parley how closed') ?? '');
  const feature = announcedFeatures.find(
    (one) => me.flags[one] && announced.includes(one) && rated?.includes(one) === false,
  );
  if (feature === undefined || closed === feature) return null;
  const close = (): void => {
    sessionStorage.setItem('parley how closed', feature);
    setClosed(feature);
  };
  const rate = (score: number): void => {
    apiBatch2.rate(feature, score).then(close, close);
  };
  return (
    <div className="aside frame">
      <div className="mnotes">
        <section className="mnote ask" aria-label={news.how}>
          <h2>{`${announcements[feature].title}. ${news.how}`}</h2>
          <fieldset className="rate" aria-label={news.scale}>
            {scores.map((score) => (
              <label key={score}>
                <input type="radio" name="how" value={score} onChange={() => rate(score)} />
                {score}
              </label>
            ))}
          </fieldset>
          <p className="ends">
            <span>{news.notGood}</span>
            <span>{news.veryGood}</span>
          </p>
          <div className="go">
            <button type="button" className="btn btn-quiet btn-sm" onClick={close}>
              {news.notNow}
            </button>
          </div>
        </section>
      </div>
    </div>
  );
}
