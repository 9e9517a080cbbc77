import { fileTypeFromBuffer } from 'file-type';
import { imageSize } from 'image-size';

export type FileKind = { mediaType: string; width: number | null; height: number | null };

/** What a browser shows as a picture, and never runs. */
export const PICTURES: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
]);

const LARGEST_SIDE = 30_000;
const MEDIA_TYPE = /^[a-z]+\/[a-z0-9][a-z0-9.+-]{0,100}$/;
/** A browser that opened one of these would run what is in it. */
const RUNS = /html|xml|svg|script|xsl/;

/** What a file is by its bytes, whatever its name and its sender say; where these do not tell, what was said, if that is harmless. */
export async function kindOf(data: Buffer, declared: string): Promise<FileKind> {
  const found = await fileTypeFromBuffer(data);
  const said = declared.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const mediaType = found?.mime ?? said;
  if (PICTURES.has(mediaType) && found !== undefined) return { mediaType, ...sizeOf(data) };
  const isHarmless = MEDIA_TYPE.test(mediaType) && !RUNS.test(mediaType) && !mediaType.startsWith('image/');
  return { mediaType: isHarmless ? mediaType : 'application/octet-stream', width: null, height: null };
}

function sizeOf(data: Buffer): { width: number | null; height: number | null } {
  try {
    const { width, height, orientation = 1 } = imageSize(data);
    const isSound = [width, height].every((side) => side > 0 && side <= LARGEST_SIDE);
    if (!isSound) return { width: null, height: null };
    // Photographs that lie on their side are shown upright.
    return orientation >= 5 ? { width: height, height: width } : { width, height };
  } catch {
    // Only its beginning is that of a picture: it is shown as large as it turns out to be.
    return { width: null, height: null };
  }
}

/** A name without folders, without what cannot be seen, and not too long. */
export function fileNameOf(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? '';
  const visible = last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  const name = visible.slice(0, 200).toWellFormed();
  return name === '' || name === '.' || name === '..' ? 'file' : name;
}
