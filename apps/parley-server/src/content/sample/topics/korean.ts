import type { Topic } from '../topic.ts';

export const KOREAN: Topic = {
  matters: [
    {
      openings: ['좋은 아침입니다! 오늘 회의는 몇 시인가요?'],
      exchanges: [['열 시 반이에요.', '감사합니다, 바로 갈게요.']],
    },
    {
      openings: ['버스가 또 늦었어요. 화면에는 계속 3분이라고 나오네요.'],
      exchanges: [['걸어가는 게 빠르겠네요.', '벌써 걷고 있어요.']],
    },
    {
      openings: ['번역을 마쳤습니다. 정류장 이름을 확인해 주세요.'],
      exchanges: [['두 번째 줄에 띄어쓰기가 빠졌어요.', '아, 고쳤습니다.']],
    },
    {
      openings: ['점심에 비빔밥 드실 분?'],
      exchanges: [['저요! 어디서 만날까요?', '일 층 입구에서 봐요.']],
    },
  ],
  endings: ['수고하셨습니다!', '해결됐어요 ✅', '내일 봬요.'],
  asides: ['저도요!', '좋아요 👍', '잠시만요.', '대박'],
};
