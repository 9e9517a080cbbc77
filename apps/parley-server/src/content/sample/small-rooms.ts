import type { Random } from './random.ts';
import type { Room } from './rooms.ts';
import { CLUBS } from './topics/clubs.ts';
import { CUSTOMER } from './topics/customer.ts';
import { DIRECT } from './topics/direct.ts';
import { RELEASE } from './topics/release.ts';

const TOWNS = [
  'Brackwater',
  'Port Alder',
  'Sankt Orell',
  'Velmora',
  'Castelnovo',
  'Hjortvik',
  'Querenburg',
  'Maribel',
  'Ostrava Nova',
  'Lower Tamsin',
  'Kestrelby',
  'Fjellheim',
];
const MATTERS = ['planning', 'displays', 'tickets', 'rollout', 'training', 'contract'];
const PRODUCTS = ['Takt', 'Perron', 'Wayfarer', 'Kontrolle', 'Roster'];
const RELEASES = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25];
const CLUB_NAMES = [
  'running',
  'chess',
  'photos',
  'choir',
  'climbing',
  'books',
  'bicycles',
  'gardening',
  'board-games',
  'model-trains',
  'swimming',
  'knitting',
  'parents',
  'cinema',
  'bread',
];

/** Up to `count` small channels in a mixed order: about a customer's matter, a release, or a club. The first are busiest. */
export function smallRooms(random: Random, count: number): Room[] {
  const rooms = [
    ...TOWNS.flatMap((town) =>
      MATTERS.map((matter) => ({
        name: `${town} ${matter}`,
        about: `${town}: ${matter}`,
        topic: CUSTOMER,
        fixed: { town },
      })),
    ),
    ...PRODUCTS.flatMap((product) =>
      RELEASES.map((number) => ({
        name: `${product} release ${number}`,
        about: `What must be in ${product} ${number}, and what may not`,
        topic: RELEASE,
        fixed: { product },
      })),
    ),
    ...CLUB_NAMES.map((club) => ({ name: `club ${club}`, about: '', topic: CLUBS, fixed: {} })),
  ];
  return random.some(rooms, count).map(({ name, about, topic, fixed }, index) => {
    const title = name.toLowerCase().replaceAll(' ', '-');
    return { key: title, title, about, topic, fixed, weight: 12 / (4 + index) };
  });
}

export function directRooms(count: number): Room[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `dm-${index + 1}`,
    title: '',
    about: '',
    topic: DIRECT,
    weight: 10 / (12 + index),
  }));
}
