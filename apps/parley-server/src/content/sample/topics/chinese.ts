import type { Topic } from '../topic.ts';

export const CHINESE: Topic = {
  matters: [
    {
      openings: ['早上好！今天谁在办公室？'],
      exchanges: [['我在，十点到。', '好，正好一起看那个问题。']],
    },
    {
      openings: ['四路车又晚点了，显示屏一直写着“即将到站”。'],
      exchanges: [['走路更快吧？', '我已经在走了。']],
    },
    {
      openings: ['{town} 的中文翻译做好了，请帮忙看一下站名。'],
      exchanges: [['第三个站名少了一个字。', '谢谢，已经改了。']],
    },
    {
      openings: ['周五一起吃火锅吗？'],
      exchanges: [['好啊，几点？', '六点半，老地方。', '我带饮料。']],
    },
  ],
  endings: ['谢谢大家！', '已修复 ✅', '明天见。'],
  asides: ['我也是', '太好了👏', '稍等', '哈哈哈'],
};
