// What the shop sells. Prices in euros.
export const CURRENCY = "EUR";

export const CATEGORIES = { tea: { en: "Tea", zh: "茶叶" }, ware: { en: "Tea ware", zh: "茶具" } };

export const PRODUCTS = [
  {
    id: "longjing", category: "tea", price: 18.5, picture: "leaf-tin.svg",
    en: ["Longjing green tea", "Pan-fired spring leaves, sweet as chestnuts. 100 g."],
    zh: ["龙井绿茶", "春茶手炒，栗香清甜。100 克。"],
  },
  {
    id: "tieguanyin", category: "tea", price: 16, picture: "oolong-bag.svg",
    en: ["Tieguanyin oolong", "Rolled leaves that open for seven infusions. 150 g."],
    zh: ["铁观音乌龙茶", "颗粒紧结，七泡有余香。150 克。"],
  },
  {
    id: "keemun", category: "tea", price: 14.2, picture: "black-tin.svg",
    en: ["Keemun black tea", "Malt and orchid, good with milk and without. 125 g."],
    zh: ["祁门红茶", "蜜糖兰香，清饮加奶皆宜。125 克。"],
  },
  {
    id: "silver-needle", category: "tea", price: 27, picture: "white-jar.svg",
    en: ["Silver needle white tea", "Only buds, picked on three mornings a year. 50 g."],
    zh: ["白毫银针", "一年只采三个清晨的嫩芽。50 克。"],
  },
  {
    id: "celadon-pot", category: "ware", price: 46, picture: "teapot.svg",
    en: ["Celadon teapot", "Thrown by hand, pours without a drop. 0.4 l."],
    zh: ["青瓷茶壶", "手工拉坯，出水利落不滴漏。0.4 升。"],
  },
  {
    id: "gaiwan", category: "ware", price: 24, picture: "gaiwan.svg",
    en: ["Porcelain gaiwan", "A cup with lid and saucer, for one who likes to watch the leaves. 0.12 l."],
    zh: ["白瓷盖碗", "一盖一碗一托，看叶舒展。0.12 升。"],
  },
  {
    id: "kettle", category: "ware", price: 69, picture: "kettle.svg",
    en: ["Iron kettle", "Heavy, slow to cool, enamelled inside. 0.9 l."],
    zh: ["铸铁水壶", "厚重保温，内壁搪瓷。0.9 升。"],
  },
  {
    id: "whisk", category: "ware", price: 12.8, picture: "whisk.svg",
    en: ["Bamboo whisk", "Eighty tines from one piece of bamboo."],
    zh: ["竹制茶筅", "一节竹，八十本。"],
  },
];
