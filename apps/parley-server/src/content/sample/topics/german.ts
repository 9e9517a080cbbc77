import type { Topic } from '../topic.ts';

export const GERMAN: Topic = {
  words: {
    tag: ['am Montag', 'am Dienstag', 'am Donnerstag', 'am Freitag', 'am Samstag'],
  },
  matters: [
    {
      openings: ['Moin! Wer kommt {tag} mit zum Straßenbahnmuseum?'],
      exchanges: [['Ich! Um wie viel Uhr?', 'Um elf am Eingang, danach gibt’s Kuchen.']],
    },
    {
      openings: ['Die Übersetzung für „layover“: Wendezeit oder Pufferzeit? Bitte abstimmen.'],
      exchanges: [['Wendezeit, eindeutig.', 'Puffer ist etwas anderes, stimmt. Ich ändere es.']],
    },
    {
      openings: ['In {town} heißt die Haltestelle jetzt anders. Müssen wir die Schilder nachziehen?'],
      exchanges: [['Ja, aber erst zum Fahrplanwechsel.', 'Gut, dann steht es im Kalender.']],
    },
    {
      openings: ['Kurze Frage: Gilt der Ferienfahrplan auch am Brückentag?'],
      exchanges: [
        ['Nein, der zählt als Samstag.', 'Danke, das steht nirgends.', 'Doch, auf Seite 214 {grin}'],
      ],
    },
    {
      openings: ['Der Kaffee ist alle. Ich wiederhole: Der Kaffee ist alle.'],
      exchanges: [['Im Keller sind noch zwei Päckchen.', 'Du rettest Leben.']],
    },
  ],
  endings: ['Erledigt.', 'Passt, bis {tag}!', 'Schönen Feierabend zusammen.', 'Steht jetzt im Wiki.'],
  asides: ['Bin dabei.', 'Läuft.', 'Oje.', 'Genau so.', 'Muss leider arbeiten.'],
};
