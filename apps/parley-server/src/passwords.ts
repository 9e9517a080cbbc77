import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

type Cost = { N: number; r: number; p: number };

/** About 16 MB and 40 ms a password: modest, as an interactive log-in on a small machine needs it. */
const COST: Cost = { N: 2 ** 14, r: 8, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
const ENCODED = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{16,86})\$([A-Za-z0-9_-]{43})$/;

/** @returns `scrypt$N$r$p$salt$hash`, so that the cost can grow without losing older passwords. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/**
 * Takes equally long for a person without a password (or for nobody at all: null), so that the time of the answer
 * does not tell which addresses exist.
 */
export async function verifyPassword(password: string, encoded: string | null): Promise<boolean> {
  const stored = decode(encoded);
  if (stored === undefined) {
    await derive(password, randomBytes(SALT_BYTES), COST);
    return false;
  }
  return timingSafeEqual(await derive(password, stored.salt, stored.cost), stored.hash);
}

function decode(encoded: string | null): { cost: Cost; salt: Buffer; hash: Buffer } | undefined {
  const [, N, r, p, salt, hash] = ENCODED.exec(encoded ?? '') ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

/** Runs on libuv's threads: the event loop goes on serving. */
async function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    // One form for what people may type in two: "é" as one character, or as two.
    scrypt(
      password.normalize('NFKC'),
      salt,
      HASH_BYTES,
      { ...cost, maxmem: MAX_MEMORY_BYTES },
      (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      },
    );
  });
}
