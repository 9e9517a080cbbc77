import type { Topic } from '../topic.ts';

export const FRENCH: Topic = {
  words: {
    jour: ['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi'],
  },
  matters: [
    {
      openings: ['Bonjour à tous ! Quelqu’un a vu passer la {unit} ce matin ?'],
      exchanges: [['Oui, à l’arrêt {stop}, elle était vide !', 'Merci, c’est bien ce que je craignais.']],
    },
    {
      openings: ['On déjeune ensemble {jour} ? Il fait beau, on pourrait manger dehors.'],
      exchanges: [['Avec plaisir. Midi et quart ?', 'Parfait, je réserve.']],
    },
    {
      openings: [
        'Comment traduisez-vous « headway » ? Le client écrit « intervalle », moi je dirais « fréquence ».',
      ],
      exchanges: [['« Intervalle » me semble plus juste.', 'D’accord, je corrige partout.']],
    },
    {
      openings: ['Le tram a encore dix minutes de retard… ça m’apprendra à me lever tôt.'],
      exchanges: [['Le mien aussi. On fait la course à pied ?', 'Dans tes rêves.']],
    },
    {
      openings: ['Les annonces de {town} sont relues. Il manquait trois accents et une cédille.'],
      exchanges: [['Tu as prévenu le client ?', 'Pas encore, je l’appelle cet après-midi.']],
    },
  ],
  endings: ['Bonne journée !', 'C’est réglé, merci.', 'À {jour} alors.', 'Ça marche 👍'],
  asides: ['Moi aussi !', 'Bien vu.', 'Quelle élégance…', 'J’arrive.', 'Pas mieux.'],
};
