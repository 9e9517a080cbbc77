import { attachmentUrl } from '../api/endpoints.ts';
import type { Attachment } from '../api/types.ts';
import { t } from '../texts/index.ts';
import { Icon } from '../ui/icon.tsx';
import { sizeOf } from './long-text.tsx';

const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

export function Attachments({ attachments }: { readonly attachments: readonly Attachment[] }) {
  return (
    <div className="attachments">
      {attachments.map((one) =>
        pictures.has(one.mediaType) ? <Picture key={one.id} {...one} /> : <FileCard key={one.id} {...one} />,
      )}
    </div>
  );
}

/** Its place is kept while it loads: what is read does not jump. */
function Picture({ id, name, sizeBytes, width, height }: Attachment) {
  return (
    <figure className="attach">
      <a href={attachmentUrl(id)} target="_blank" rel="noopener" aria-label={t.talk.openFile(name)}>
        <img
          src={attachmentUrl(id)}
          alt={name}
          width={width ?? 320}
          height={height ?? 200}
          loading="lazy"
          decoding="async"
        />
      </a>
      <figcaption>
        <b dir="auto">{name}</b>
        <span>{sizeOf(sizeBytes)}</span>
      </figcaption>
    </figure>
  );
}

function FileCard({ id, name, sizeBytes }: Attachment) {
  return (
    <a className="file-card" href={attachmentUrl(id)} download={name}>
      <Icon name="file" />
      <b dir="auto">{name}</b>
      <span>{sizeOf(sizeBytes)}</span>
    </a>
  );
}
