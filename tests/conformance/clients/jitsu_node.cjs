// @jitsu/js: BASE KEY EVENTS, and "server"
const { jitsuAnalytics } = require("@jitsu/js");

const [base, writeKey, events, where] = process.argv.slice(2);
const jitsu = jitsuAnalytics({ host: base, writeKey: `${writeKey}:secret`, s2s: where === "server" });
(async () => {
  await jitsu.identify("u1", { email: "ada@example.com", plan: "gold" });
  for (let nth = 0; nth < events; nth++) {
    const timestamp = new Date(1777629600000 + nth).toISOString();
    await jitsu.track("Product Viewed", { product_id: `p${nth}`, price: 9.5, nth, timestamp });
  }
  const consent = { categoryPreferences: { Advertising: false, Analytics: true } };
  await jitsu.page({ name: "Home", url: "https://shop.example/?q=1", title: "Home" });
  await jitsu.group("g1", { name: "Guild" });
  await jitsu.track("Order Completed", { order_id: "o1", total: 19.0, context: { consent } });
})();
