// A small shop without a server: the cart is kept in the browser, orders go nowhere.
// What it tells Mindgap is in the calls of `tell`, one at each step of a purchase.
import { CATEGORIES, CURRENCY, PRODUCTS } from "./products.js";

const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
const query = new URLSearchParams(location.search);
const money = new Intl.NumberFormat(language, { style: "currency", currency: CURRENCY });
const find = (selector) => document.querySelector(selector);
const words = find("#words").content.children;
const say = (name, values = {}) =>
  words[name].textContent.replace(/\{(\w+)\}/g, (_, value) => values[value]);

// A button that only works by this script is disabled in the page, until its handler is there:
// a press before that would send the form itself, or be lost.
function ready(selector, kind, handler) {
  const element = find(selector);
  element.addEventListener(kind, handler);
  (element.matches("form") ? element.querySelector("button") : element).disabled = false;
}

// Calls that come before the snippet has loaded wait in a list.
const tell = (...call) => (window.mindgap ??= []).push(call);

function make(tag, properties = {}, ...inner) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inner);
  return element;
}

// Products in the words of the ecommerce event names, v2
function described(product, more = {}) {
  const { id, category, price, picture } = product;
  return {
    product_id: id,
    name: product[language][0],
    category,
    price,
    currency: CURRENCY,
    url: new URL(`product.html?id=${id}`, location).href,
    image_url: new URL(`../pictures/${picture}`, location).href,
    ...more,
  };
}

const cart = {
  lines: () => JSON.parse(localStorage.getItem("shop.cart") || "[]"),
  save(lines) {
    localStorage.setItem("shop.cart", JSON.stringify(lines));
    showCount();
  },
  add(id) {
    const lines = cart.lines();
    const line = lines.find((one) => one.id === id);
    if (line) line.quantity += 1;
    else lines.push({ id, quantity: 1 });
    cart.save(lines);
  },
  remove: (id) => cart.save(cart.lines().filter((line) => line.id !== id)),
  products: () => cart.lines().map(({ id, quantity }) => ({ product: productOf(id), quantity })),
  described: () => cart.products().map(({ product, quantity }) => described(product, { quantity })),
  total: () => cart.products().reduce((sum, { product, quantity }) => sum + product.price * quantity, 0),
};

const productOf = (id) => PRODUCTS.find((product) => product.id === id) || PRODUCTS[0];
const rounded = (amount) => Math.round(amount * 100) / 100;
const newNumber = () => String(crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000).padStart(6, "0");

function showCount() {
  const count = cart.lines().reduce((sum, line) => sum + line.quantity, 0);
  find("#cart-count").textContent = count;
  find("#cart-link").setAttribute("aria-label", say("cart-of", { count }));
}

function card(product, position) {
  const [name] = product[language];
  const link = make("a", { href: `product.html?id=${product.id}` }, name);
  link.addEventListener("click", () => tell("track", "Product Clicked", described(product, { position })));
  return make("li", { className: "card" },
    make("img", { src: `../pictures/${product.picture}`, alt: "", width: 240, height: 180 }),
    make("h2", {}, link),
    make("p", { className: "price" }, money.format(product.price)));
}

const pages = {
  list() {
    const text = (query.get("q") || "").trim();
    const category = query.get("category") || "";
    const hit = (product) => [product.id, ...product.en, ...product.zh].join(" ").toLowerCase().includes(text.toLowerCase());
    const shown = PRODUCTS.filter((product) => hit(product) && (!category || product.category === category));
    find("#q").value = text;
    for (const link of document.querySelectorAll("[data-category]")) {
      if (link.dataset.category === category) link.setAttribute("aria-current", "page");
    }
    find("#products").append(...shown.map((product, nth) => card(product, nth + 1)));
    find("#found").textContent = say(shown.length ? "found" : "nothing", { count: shown.length, text });
    if (text) tell("track", "Products Searched", { query: text });
    tell("track", "Product List Viewed", {
      list_id: category || "all",
      category: category || undefined,
      products: shown.map((product, nth) => described(product, { position: nth + 1 })),
    });
  },

  product() {
    const product = productOf(query.get("id"));
    const [name, text] = product[language];
    document.title = `${name} · ${document.title}`;
    find("#picture").src = `../pictures/${product.picture}`;
    find("#name").textContent = name;
    find("#text").textContent = text;
    find("#price").textContent = money.format(product.price);
    find("#category").textContent = CATEGORIES[product.category][language];
    find("#review").href = `review.html?id=${product.id}`;
    tell("track", "Product Viewed", described(product));
    ready("#add", "click", () => {
      cart.add(product.id);
      find("#added").textContent = say("added", { name });
      tell("track", "Product Added", described(product, { quantity: 1 }));
    });
  },

  cart() {
    const show = () => {
      find("#lines").replaceChildren(...cart.products().map(({ product, quantity }) => {
        const [name] = product[language];
        const remove = make("button", { type: "button", className: "quiet", ariaLabel: say("remove-of", { name }) }, say("remove"));
        remove.addEventListener("click", () => {
          cart.remove(product.id);
          tell("track", "Product Removed", described(product, { quantity }));
          show();
          find("h1").focus();
        });
        return make("tr", {},
          make("th", { scope: "row" }, make("a", { href: `product.html?id=${product.id}` }, name)),
          make("td", {}, String(quantity)),
          make("td", {}, money.format(product.price * quantity)),
          make("td", {}, remove));
      }));
      find("#total").textContent = money.format(cart.total());
      find("#filled").hidden = !cart.lines().length;
      find("#empty").hidden = cart.lines().length > 0;
    };
    show();
    tell("track", "Cart Viewed", { products: cart.described() });
  },

  checkout() {
    const order = { order_id: `A-${newNumber()}`, value: rounded(cart.total()), currency: CURRENCY, products: cart.described() };
    find("#total").textContent = money.format(cart.total());
    if (order.products.length) tell("track", "Checkout Started", order);
    ready("form", "submit", (event) => {
      event.preventDefault();
      const customer = find("#customer").value.trim();
      tell("identify", customer, { language });
      sessionStorage.setItem("shop.order", JSON.stringify({ ...order, customer }));
      location.href = "thanks.html";
    });
  },

  thanks() {
    const order = JSON.parse(sessionStorage.getItem("shop.order") || "null");
    if (!order) return;
    const { order_id, value, currency, products, told } = order;
    find("#order").textContent = order_id;
    find("#reviews").append(...products.map(({ product_id, name }) =>
      make("li", {}, make("a", { href: `review.html?id=${product_id}` }, say("review-of", { name })))));
    if (told) return; // the page was loaded again
    tell("track", "Order Completed", { order_id, total: value, revenue: value, currency, products });
    sessionStorage.setItem("shop.order", JSON.stringify({ ...order, told: true }));
    cart.save([]);
  },

  review() {
    const product = productOf(query.get("id"));
    find("#name").textContent = product[language][0];
    ready("form", "submit", (event) => {
      event.preventDefault();
      const said = new FormData(event.target);
      tell("track", "Product Reviewed", {
        ...described(product),
        review_id: `R-${newNumber()}`,
        rating: Number(said.get("rating")),
        review_body: said.get("text"),
      });
      find("form").hidden = true;
      find("#thanks").hidden = false;
      find("#thanks").focus();
    });
  },

  privacy() {},
};

showCount();
find("#choices").addEventListener("click", () => tell("consent.ask"));
pages[document.body.dataset.page]();
